<?php // corpus: to=8.0
$GLOBALS = array(); //= clean
