<?php // corpus: to=8.2
function array_find(array $a, callable $f) //= clean
{
    foreach ($a as $x) {
        if ($f($x)) {
            return $x;
        }
    }
}
