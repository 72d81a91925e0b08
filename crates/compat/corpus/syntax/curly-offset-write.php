<?php // corpus: to=8.2
$s = str_repeat('0', 8); //= clean
$s[3] = '1'; //= clean
$s{3} = '1'; //= error
