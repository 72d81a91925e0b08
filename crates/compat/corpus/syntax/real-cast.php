<?php // corpus: to=8.2
$price = (float) $row['price']; //= clean
$tax = (real) $row['tax']; //= error
