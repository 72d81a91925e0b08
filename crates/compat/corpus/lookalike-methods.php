<?php // corpus: to=8.2
namespace Toolbox;

/** Own methods, properties and constants that bear the names of what PHP took away. */
class Db
{
    public $mysql_link;
    private $each = array();
    const CREATE_FUNCTION = 1; //= clean
    const STRFTIME = '%Y'; //= clean

    public function mysql_connect($host) //= clean
    {
        $this->mysql_link = $host; //= clean
        return $this->mysql_query('x'); //= clean
    }

    public function mysql_query($sql) //= clean
    {
        return self::mysql_fetch_array($sql) . static::STRFTIME; //= clean
    }

    public static function mysql_fetch_array($r) //= clean
    {
        return [$r, self::CREATE_FUNCTION]; //= clean
    }

    public function each() { return $this->each; } //= clean
    public function split($by) { return explode($by, 'a'); } //= clean
    public function money_format($f) { return $f; } //= clean
    public function utf8_encode($s) { return $s; } //= clean
    public function strftime($f) { return $f; } //= clean
    public function ereg($p) { return $p; } //= clean
    public function parse_str($s) { return $s; } //= clean
    public function getClass() { return static::class; } //= clean
    public function rewind() { return 0; } //= clean
    public function is_real($x) { return $x; } //= clean
    public function mktime() { return 0; } //= clean
    public function export() { return 'x'; } //= clean
    public function __get($name) { return $name; } //= clean
}

$db = new Db();
$db->mysql_connect('h'); //= clean
$db->each(); //= clean
$db->split(','); //= clean
$db->money_format('%n'); //= clean
$db->utf8_encode('x'); //= clean
$db->strftime('%Y'); //= clean
$db->ereg('a'); //= clean
$db->parse_str('a=1'); //= clean
$db->getClass(); //= clean
$db->rewind(); //= clean
$db->is_real(1); //= clean
$db->mktime(); //= clean
$db->export(); //= clean
$db->php_errormsg; //= clean
$db->{'each'}(); //= clean
$db?->strftime('%Y'); //= clean
Db::mysql_fetch_array(1); //= clean
echo Db::CREATE_FUNCTION, Db::STRFTIME, $db::STRFTIME; //= clean
$method = 'each'; //= clean
$db->$method(); //= clean
[$db, 'split'](','); //= clean
call_user_func([$db, 'each']); //= clean
call_user_func([$db, 'split'], ','); //= clean
array_map([$db, 'utf8_encode'], []); //= clean
array_map(['Toolbox\Db', 'mysql_fetch_array'], []); //= clean
$f = $db->strftime(...); //= clean
$f = Db::mysql_fetch_array(...); //= clean
$each = function ($x) { return $x; }; //= clean
$each(1); //= clean
$split = fn ($x) => $x; //= clean
$split(2); //= clean
$row = ['each' => 1, 'split' => 2, 'strftime' => 3]; //= clean
['each' => $a, 'split' => $b] = $row; //= clean
$o = (object) ['utf8_encode' => 1]; //= clean
echo $o->utf8_encode, $row['each']; //= clean
function named(int $each = 0, ?string $split = null) { return $each; } //= clean
named(each: 1, split: 'x'); //= clean
