<?php // corpus: to=8.2
function f()
{
    static $that; //= clean
    static $this; //= error
}
