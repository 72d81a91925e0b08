<?php // corpus: to=8.2
$x = &$GLOBALS['y']; //= clean
$all = &$GLOBALS; //= error
