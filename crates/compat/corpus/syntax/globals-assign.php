<?php // corpus: to=8.2
$GLOBALS['x'] = 1; //= clean
$GLOBALS = array(); //= error
