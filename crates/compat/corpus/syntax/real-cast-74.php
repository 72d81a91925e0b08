<?php // corpus: to=7.4
$tax = (real) $row['tax']; //= warning
$tax = (REAL) $row['tax']; //= warning
$tax = (double) $row['tax']; //= clean
