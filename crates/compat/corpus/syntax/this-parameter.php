<?php // corpus: to=8.2
class Walker
{
    function walk($that) { return $that; } //= clean
    function step($this) { return 1; } //= error
}
