<?php // corpus: to=8.2
class Registry
{
    function &instance()
    {
        static $instance;
        if (!isset($instance)) {
            $instance =& new Registry(); //= error
        }
        return $instance; //= clean
    }
}
