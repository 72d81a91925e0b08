<?php // corpus: to=8.2

class Basket
{
    private $items = array();
    public $total;

    public function __construct($id)
    {
        $this->id = $id; //= warning
        $this->total = 0; //= clean
        $this->items = array(); //= clean
    }

    public function setUser($user)
    {
        $this->user = $user; //= warning
        return $this;
    }

    public function getUser()
    {
        return isset($this->guest) ? $this->guest : null; //= clean
    }

    public static $count = 0;

    public static function create()
    {
        $b = new self(1);
        $b->created = time(); //= warning
        $b->total = 1; //= clean
        self::$count++; //= clean
        return $b;
    }

    public function dynamic($name, $value)
    {
        $this->$name = $value; //= clean
        $this->{'x' . $name} = $value; //= clean
    }
}

class With_Set
{
    private $data = array();

    public function __set($name, $value)
    {
        $this->data[$name] = $value; //= clean
    }

    public function fill()
    {
        $this->anything = 1; //= clean
    }
}

#[AllowDynamicProperties]
class Allowed
{
    public function fill()
    {
        $this->anything = 1; //= clean
    }
}

class Allowed_Child extends Allowed
{
    public function more()
    {
        $this->something = 2; //= clean
    }
}

class Bag extends stdClass
{
    public function fill()
    {
        $this->anything = 1; //= clean
    }
}

class Child extends Somewhere_Else
{
    public function fill()
    {
        $this->maybeDeclaredThere = 1; //= clean
    }
}

class Base_Model
{
    protected $attributes = array();
    public $table;
}

class User_Model extends Base_Model
{
    public function __construct()
    {
        $this->table = 'users'; //= clean
        $this->attributes = array(); //= clean
        $this->connection = 'default'; //= warning
    }
}

trait Timestamps
{
    public $createdAt;

    public function touch()
    {
        $this->createdAt = time(); //= clean
    }
}

class Post_Model
{
    use Timestamps;

    public function save()
    {
        $this->createdAt = 1; //= clean
        $this->dirty = false; //= warning
    }
}

class Promoted
{
    public function __construct(private $a, protected ?string $b = null)
    {
        $this->a = 1; //= clean
        $this->b = 'x'; //= clean
        $this->c = 3; //= warning
    }
}

class Old_Style
{
    var $one;
    var $two, $three = 3;

    function fill()
    {
        $this->one = 1; //= clean
        $this->two = 2; //= clean
        $this->three = 3; //= clean
        $this->four = 4; //= warning
    }
}

$o = new stdClass();
$o->anything = 1; //= clean
$b = new Basket(2);
$b->colour = 'red'; //= warning
$b->total = 3; //= clean
$s = new With_Set();
$s->x = 1; //= clean
$row = (object) array('a' => 1);
$row->b = 2; //= clean
$unknown->b = 2; //= clean
$d = json_decode('{}');
$d->x = 1; //= clean
$date = new DateTime();
$date->label = 'now'; //= warning
$anon = new class {
    public $x;
    public function f()
    {
        $this->x = 1; //= clean
        $this->y = 1; //= warning
    }
};
