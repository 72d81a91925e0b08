<?php // corpus: to=8.2
class Token
{
    const LIST = 1; //= clean
    const NEW = 2; //= clean
    const FOREACH = 3; //= clean
    public function list() { return self::LIST; } //= clean
    public function new() { return static::NEW; } //= clean
    public function print() { return Token::FOREACH; } //= clean
    public static function for($x) { return $x; } //= clean
}
$t = new Token(); //= clean
echo $t->list(), $t->new(), Token::for(1)->print(); //= clean
