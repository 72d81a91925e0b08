<?php // corpus: to=8.2
class Bag
{
    public function __get($name): ?string { return null; } //= clean
    public function __isset($name): int { return 1; } //= error
}
