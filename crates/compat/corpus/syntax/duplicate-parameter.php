<?php // corpus: to=8.2
function one($a, $b, $c) {} //= clean
function two($a, $unused, $unused) {} //= error
