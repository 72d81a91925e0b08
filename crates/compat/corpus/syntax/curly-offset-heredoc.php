<?php // corpus: to=8.2
$t = <<<T
$a{0} {$b[0]} //= clean
T;
$t = "x{$b{0}}"; //= error
