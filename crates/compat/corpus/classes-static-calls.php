<?php // corpus: to=8.2

// PEAR-style library: methods called statically without being static

class PEAR_Lite
{
    function isError($data) //= clean
    {
        return is_object($data) && get_class($data) == 'PEAR_Error'; //= clean
    }

    function raiseError($message)
    {
        return new PEAR_Error_Lite($message); //= clean
    }

    static function version()
    {
        return '1.10'; //= clean
    }

    function chain()
    {
        if (PEAR_Lite::isError($this)) { //= clean
            return self::raiseError('x'); //= clean
        }
        return static::version(); //= clean
    }

    static function fromStatic($x)
    {
        return self::isError($x); //= error
    }

    public function __toString()
    {
        return PEAR_Lite::version(); //= clean
    }
}

class PEAR_Error_Lite
{
    private $message;

    public function __construct($message)
    {
        $this->message = $message;
    }
}

class DB_Lite extends PEAR_Lite
{
    function connect($dsn)
    {
        $this->raiseError($dsn); //= clean
        return parent::raiseError($dsn); //= clean
    }

    function quote($s)
    {
        return PEAR_Lite::isError($s) ? '' : "'" . $s . "'"; //= clean
    }

    public static function factory($dsn)
    {
        $db = new DB_Lite();
        return $db->connect($dsn); //= clean
    }
}

class With_Magic
{
    function run() {}

    public static function __callStatic($name, $args)
    {
        return $name;
    }
}

class Unrelated
{
    public function check($x)
    {
        return PEAR_Lite::isError($x); //= error
    }
}

$db = DB_Lite::factory('mysql://localhost'); //= clean
if (PEAR_Lite::isError($db)) { //= error
    die(PEAR_Lite::version()); //= clean
}
DB_Lite::connect('x'); //= error
DB_Lite::version(); //= clean
DB_Lite::isError($db); //= error
Unknown_Class::isError($db); //= clean
With_Magic::anything(); //= clean
$pear = new PEAR_Lite();
if ($pear->isError($db)) { //= clean
    echo $pear::version(); //= clean
}
PEAR_Lite::RAISEERROR('late'); //= error
