<?php // corpus: to=7.4
$a = $x ? 1 : $y ? 2 : 3; //= warning
$b = ($x ? 1 : $y) ? 2 : 3; //= clean
$c = $x ? 1 : ($y ? 2 : 3); //= clean
$d = $x ? $y ? 1 : 2 : 3; //= clean
$e = $x ?: $y ?: 3; //= clean
