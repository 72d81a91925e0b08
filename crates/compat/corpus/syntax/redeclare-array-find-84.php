<?php // corpus: to=8.4
function array_find(array $a, callable $f) //= error
{
    foreach ($a as $x) {
        if ($f($x)) {
            return $x;
        }
    }
}
