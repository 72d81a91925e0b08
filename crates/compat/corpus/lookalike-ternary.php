<?php // corpus: to=8.2
$a = $x ? 1 : ($y ? 2 : 3); //= clean
$a = ($x ? 1 : $y) ? 2 : 3; //= clean
$a = $x ? ($y ? 1 : 2) : 3; //= clean
$a = $x ? $y ? 1 : 2 : 3; //= clean
$a = $x ?: $y ?: $z; //= clean
$a = $x ?? $y ?? $z; //= clean
$a = $x ?? ($y ? 1 : 2); //= clean
$a = f($x ? 1 : 2, $y ? 3 : 4); //= clean
$a = array($x ? 1 : 2, 'k' => $y ? 3 : 4); //= clean
$a = $x ? 'a' : 'b' . ($y ? 'c' : 'd'); //= clean
$a = $x ? f($y ? 1 : 2) : g($z ? 3 : 4); //= clean
$a = $x ? $b['?'] : '? :'; //= clean
$f = fn ($x) => $x ? 1 : 2; //= clean
echo $x ? 1 : 2, $y ? 3 : 4; //= clean
