<?php // corpus: to=8.2

// Functions that PHP took away, given back by the application itself.

if (!function_exists('each')) {
    function each(&$array) //= clean
    {
        $key = key($array);
        if ($key === null) {
            return false;
        }
        $value = current($array);
        next($array);
        return array(1 => $value, 'value' => $value, 0 => $key, 'key' => $key);
    }
}

if (!function_exists('get_magic_quotes_gpc')) {
    function get_magic_quotes_gpc() { return false; } //= clean
}

function mysql_connect($host, $user, $password) //= clean
{
    return mysqli_connect_params($host, $user, $password);
}

function mysql_query($sql, $link = null) //= clean
{
    $link = $link ?: $GLOBALS['link'];
    return mysqli_query($link, $sql);
}

function MySQL_Fetch_Assoc($result) //= clean
{
    return mysqli_fetch_assoc($result);
}

function mysqli_connect_params($host, $user, $password)
{
    return $GLOBALS['pool']->open($host, $user, $password);
}

if (!defined('MYSQL_ASSOC')) {
    define('MYSQL_ASSOC', 1); //= clean
}
defined('MYSQL_NUM') || define('MYSQL_NUM', 2); //= clean
const MYSQL_BOTH = 3; //= clean

if (!function_exists('money_format')) {
    /**
     * @param string $format
     * @param float $number
     */
    function money_format($format, $number) //= clean
    {
        return number_format($number, 2);
    }
}

eval('/* nothing */');

$GLOBALS['link'] = mysql_connect('localhost', 'shop', 'secret'); //= clean
$result = mysql_query('SELECT * FROM orders'); //= clean
while ($row = mysql_fetch_assoc($result)) { //= clean
    while (list($k, $v) = each($row)) { //= clean
        echo $k, '=', \money_format('%n', $v); //= clean
    }
}
$mode = MYSQL_ASSOC | MYSQL_NUM; //= clean
$mode = \MYSQL_BOTH; //= clean
if (get_magic_quotes_gpc()) { //= clean
    $mode = 0;
}
mysql_close($GLOBALS['link']); //= error
echo mysql_error(); //= error
$r = create_function('$a', 'return $a;'); //= error
if (get_magic_quotes_runtime()) { //= error
    echo MYSQL_CLIENT_SSL; //= error
}

class Old_List
{
    function each(array $a) //= clean
    {
        return each($a); //= clean
    }
    function get_magic_quotes_runtime()
    {
        return get_magic_quotes_runtime(); //= error
    }
}
