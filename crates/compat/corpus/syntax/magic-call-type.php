<?php // corpus: to=8.2
class Proxy
{
    public function __call($name, array $args) { return $args; } //= clean
    public static function __callStatic(array $name, $args) { return $args; } //= error
}
