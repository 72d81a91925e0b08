<?php // corpus: to=8.2
$f = function ($a) use ($b) { return $a; }; //= clean
$g = function ($a) use ($a) { return $a; }; //= error
