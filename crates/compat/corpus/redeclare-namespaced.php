<?php // corpus: to=8.2
namespace App;
function str_contains($h, $n) { return strpos($h, $n) !== false; } //= clean
function is_countable($x) { return true; } //= clean
echo str_contains('a', 'b'); //= clean
