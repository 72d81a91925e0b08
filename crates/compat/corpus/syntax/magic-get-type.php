<?php // corpus: to=8.2
class Bag
{
    public function __set(string $name, $value) {} //= clean
    public function __get(int $name) { return null; } //= error
}
