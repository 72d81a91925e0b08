<?php // corpus: to=7.2
$b = (unset) $a; //= warning
unset($b); //= clean
