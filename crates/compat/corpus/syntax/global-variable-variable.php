<?php // corpus: to=8.2
function f($foo)
{
    global $$foo; //= clean
    global ${$foo->bar}; //= clean
    global $$foo->bar; //= error
}
