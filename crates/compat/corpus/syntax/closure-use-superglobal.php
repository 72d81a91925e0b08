<?php // corpus: to=8.2
$f = function () { return $_GET; }; //= clean
$g = function () use ($_GET) { return $_GET; }; //= error
