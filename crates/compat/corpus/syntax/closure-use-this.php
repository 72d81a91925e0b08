<?php // corpus: to=8.2
class A
{
    function f()
    {
        $that = $this; //= clean
        return function () use ($this) { return 1; }; //= error
    }
}
