<?php // corpus: to=8.2
function checksum($obj)
{
    $s = $obj->digits(); //= clean
    return $obj->digits{5} + 1; //= error
}
