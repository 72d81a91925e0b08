<?php // corpus: to=8.2
namespace App\Test;
class Check
{
    public static function assert($x) { return $x; } //= clean
}
function assert($x) { return $x; } //= error
