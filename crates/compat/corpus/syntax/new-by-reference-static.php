<?php // corpus: to=8.2
class DB_Factory
{
    private $obj;

    function &connect($type)
    {
        $class = 'DB_' . $type;
        $this->obj = new $class(); //= clean
        @$obj =& new $class(); //= error
        return $obj;
    }
}
