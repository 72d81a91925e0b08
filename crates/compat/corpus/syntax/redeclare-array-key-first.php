<?php // corpus: to=8.2
function array_key_firsts(array $a) { return array_keys($a); } //= clean
function array_key_first(array $a) //= error
{
    foreach ($a as $k => $v) {
        return $k;
    }
}
