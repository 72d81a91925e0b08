<?php // corpus: to=8.2
class Loader
{
    public function __autoload($class) {} //= clean
}
spl_autoload_register('my_autoload'); //= clean
function my_autoload($class) {} //= clean
function __autoload($class) //= error
{
    require_once str_replace('_', '/', $class) . '.php';
}
