<?php // corpus: to=8.2
class enum {} //= clean
function enum($x) { return $x; } //= clean
function readonly($x) { return $x; } //= clean
const ENUM = 1; //= clean
$e = new enum(); //= clean
echo enum(1), readonly(2), ENUM; //= clean
$enum = array('match' => 1, 'fn' => 2, 'readonly' => 3); //= clean
echo $enum['match'], $obj->match, $obj->fn(), $obj->readonly, $obj::match(); //= clean
class Route { const MATCH = 'm'; public $match; public function match() { return $this->match; } } //= clean
