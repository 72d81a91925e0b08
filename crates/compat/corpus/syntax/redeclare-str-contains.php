<?php // corpus: to=8.2
if (!function_exists('str_starts_with')) {
    function str_starts_with($a, $b) { return strpos($a, $b) === 0; } //= clean
}
function str_contains($haystack, $needle) //= error
{
    return $needle === '' || strpos($haystack, $needle) !== false;
}
