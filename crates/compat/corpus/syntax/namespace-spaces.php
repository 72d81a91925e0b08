<?php // corpus: to=8.2
$a = new Vendor\Package(); //= clean
$b = new Vendor \ Package(); //= error
