<?php // corpus: to=7.4
function __autoload($class) //= warning
{
    require_once $class . '.php';
}
