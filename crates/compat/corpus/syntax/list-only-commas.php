<?php // corpus: to=7.0
list($a, , $c) = array(1, 2, 3); //= clean
list(, ,) = array(1, 2); //= error
