<?php // corpus: to=8.2
class Rules
{
    const MATCH = 1; //= clean
}
$x = Rules::MATCH; //= clean
define('MATCH', 1); //= clean
const MATCH = 1; //= error
