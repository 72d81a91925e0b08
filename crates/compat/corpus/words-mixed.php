<?php // corpus: to=8.2
/**
 * @param mixed $x
 * @return object|string|null
 */
function mixed($x) { return $x; } //= clean
function object($x) { return $x; } //= clean
function string($x) { return $x; } //= clean
function never($x) { return $x; } //= clean
const mixed = 1; //= clean
echo mixed(1), object(2), string(3), never(4); //= clean
class Fields { const MIXED = 1; public $mixed; function mixed() { return self::MIXED; } } //= clean
