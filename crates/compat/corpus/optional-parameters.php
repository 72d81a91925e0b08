<?php // corpus: to=8.2

function add_item($name = '', $price) //= warning
{
    return $name . $price;
}

function add_item_2($name, $price = 0) //= clean
{
    return $name . $price;
}

function add_item_3(array $options = array(), $name) //= warning
{
    return $options;
}

function add_item_4(array $options = null, $name) //= clean
{
    return $options;
}

function add_item_5(Basket $basket = null, $name, $x = 1) //= clean
{
    return $basket;
}

function add_item_6($a, $b = 1, $c, $d = 2) //= warning
{
    return $a + $b + $c + $d;
}

function add_item_7($a = null, $b) //= warning
{
    return $a;
}

function add_item_8($a = 1, ...$rest) //= clean
{
    return $rest;
}

function add_item_9($a = 1, &$b) //= warning
{
    $b = $a;
}

class Widget
{
    public function __construct($title = 'Widget', $id) //= warning
    {
        $this->render($title, $id);
    }

    private function render($a, $b = array(), $c = null) //= clean
    {
        return function ($x = 1, $y) { //= warning
            return $x;
        };
    }

    public static function make(
        $title,
        $class = '', //= warning
        $id
    ) {
        return new self($title, $id);
    }

}

interface Renders
{
    public function render($view = 'index', $data); //= warning
    public function show($view, $data = array()); //= clean
}

$f = function ($a = array(), $b) use ($g) { return $b; }; //= warning
$f = fn ($a = 1, $b = 2) => $a; //= clean
$f = fn ($a = 1, $b) => $a; //= warning
add_item(null, 2); //= clean
final class Locked
{
    final private function secret() {} //= warning
    final public function open() {} //= clean
    private final static function two() {} //= warning
    final private function __construct() {} //= clean
    private function three() {} //= clean
}
