<?php // corpus: to=8.2
class Root
{
    public function __construct()
    {
        parent::__construct(); //= error
    }
}
class Leaf extends Root
{
    public function __construct()
    {
        parent::__construct(); //= clean
    }
}
