<?php // corpus: to=7.4
class Root
{
    public function __construct()
    {
        parent::__construct(); //= warning
    }
}
