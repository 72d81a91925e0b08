<?php // corpus: to=8.2
function f()
{
    global $that; //= clean
    global $this; //= error
}
