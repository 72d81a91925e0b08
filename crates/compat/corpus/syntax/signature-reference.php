<?php // corpus: to=8.2
class Sorter
{
    public function sort(&$rows) {} //= clean
}
class Fast_Sorter extends Sorter
{
    public function sort($rows) {} //= error
}
