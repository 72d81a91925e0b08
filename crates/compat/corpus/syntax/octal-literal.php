<?php // corpus: to=8.2
$mode = 0755; //= clean
chmod('x', 0789); //= error
