<?php // corpus: to=7.0
$a = $x ? 1 : $y ? 2 : 3; //= clean
