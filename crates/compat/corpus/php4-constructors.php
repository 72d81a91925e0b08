<?php // corpus: to=8.2

class Template
{
    var $vars;

    function Template($file) //= error
    {
        $this->vars = array('file' => $file);
    }

    function parse()
    {
        return $this->vars;
    }
}

class Page extends Template
{
    function page($file) //= error
    {
        parent::Template($file);
    }
}

class Both
{
    function __construct($x)
    {
        $this->both($x);
    }

    function Both($x) //= clean
    {
        return $x;
    }
}

class Reverse
{
    function Reverse() {} //= clean
    function __construct() {}
}

class Static_One
{
    public static function Static_One_Make() {} //= clean
    public function make() { return new Static_One(); } //= clean
}

class User_Auth
{
    public function __construct() {}
    public function auth() {} //= clean
    public function user_authenticate() {} //= clean
}

interface Shape
{
    function shape(); //= clean
}

class Small { function small() { return 1; } } //= error

class Large { function __Construct() {} function large() { return 1; } } //= clean

abstract class Node
{
    function Node(&$parent, $name = '') //= error
    {
        $parent->append($this);
    }
}

$t = new Template('x.tpl'); //= clean
$anon = new class {
    function anon() { return 1; } //= clean
};
function Template_Helper() { return new Template('y'); } //= clean
function Page($p) { return $p; } //= clean
