<?php // corpus: to=8.1
$GLOBALS['list'][] = 1; //= clean
$GLOBALS[] = 1; //= error
