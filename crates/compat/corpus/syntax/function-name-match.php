<?php // corpus: to=8.2
class Router
{
    public function match($path) { return $path; } //= clean
}
function match_path($path) { return $path; } //= clean
function match($path) { return $path; } //= error
