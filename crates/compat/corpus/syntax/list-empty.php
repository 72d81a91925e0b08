<?php // corpus: to=8.2
list(, $b) = array(1, 2); //= clean
list() = array(1, 2); //= error
