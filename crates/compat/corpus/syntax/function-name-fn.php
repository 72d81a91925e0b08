<?php // corpus: to=8.2
class Lambda
{
    const FN = 1; //= clean
    public function fn($x) { return $x; } //= clean
}
function fn($x) { return $x; } //= error
