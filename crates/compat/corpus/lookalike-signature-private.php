<?php // corpus: to=8.2
class P
{
    private function hidden($a, $b) {} //= clean
    public function __construct($a, $b) {} //= clean
    public static function make($a) {} //= clean
}
class Q extends P
{
    private function hidden() {} //= clean
    public function __construct() {} //= clean
    public static function make($a, $b = 1) {} //= clean
}
