<?php // corpus: to=8.1
unset($GLOBALS['x']); //= clean
unset($GLOBALS); //= error
