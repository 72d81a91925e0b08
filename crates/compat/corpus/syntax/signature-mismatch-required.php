<?php // corpus: to=8.2
abstract class Filter
{
    public function apply($text) { return $text; } //= clean
}
class Html_Filter extends Filter
{
    public function apply($text, $tags) { return $text; } //= error
}
