<?php // corpus: to=8.2
class Node
{
    function destroy()
    {
        unset($this->child); //= clean
        unset($this); //= error
    }
    public $child;
}
