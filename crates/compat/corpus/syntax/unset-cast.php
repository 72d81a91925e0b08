<?php // corpus: to=8.2
unset($a['x']); //= clean
$b = (unset) $a; //= error
