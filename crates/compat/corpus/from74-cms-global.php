<?php // corpus: to=8.2 from=7.4

class Plugin
{
    public $options;

    function Plugin() //= error
    {
        $this->options = array();
        $this->version = '1.0'; //= warning
    }

    function render($title = '', $content) //= warning
    {
        return Plugin_Helper::wrap($title . $content); //= error
    }

    function sort()
    {
        uasort($this->options, create_function('$a,$b', 'return 0;')); //= error
        uasort($this->options, function ($a, $b) { return 0; }); //= clean
        return spliti(',', 'a,b'); //= clean
    }

    function date($format)
    {
        if (PHP_VERSION_ID < 80100) {
            return strftime($format); //= clean
        }
        if (PHP_VERSION_ID < 70400) {
            return each($this->options); //= clean
        }
        if (PHP_VERSION_ID >= 70400) {
            return each($this->options); //= error
        }
    }

    function login($user)
    {
        return ldap_sort($user, $user, 'sn'); //= error
    }
}

class Plugin_Helper
{
    function wrap($text)
    {
        return '<p>' . $text . '</p>'; //= clean
    }
}

class Plugin_List implements Countable
{
    function count() //= warning
    {
        return 0;
    }
}

mysql_connect('localhost'); //= clean
mysql_error(); //= clean
echo MYSQL_ASSOC; //= clean
echo ASSERT_QUIET_EVAL; //= error
echo FILE_TEXT; //= warning
echo mhash(MHASH_MD5, 'x'); //= warning
$r = gmp_random(2); //= error
$r = gmp_random_bits(2); //= clean
$r = crypt('x'); //= error
$r = png2wbmp('a', 'b', 1, 1, 1); //= error
$r = imagepstext($r, 'a', 'b', 1, 1, 1, 1, 1); //= clean
$r = imap_header($r, 1); //= error
$r = restore_include_path(); //= error
$r = hebrevc('x'); //= error
$r = array_key_exists('x', new stdClass()); //= error
$r = count(null); //= error
$r = get_class(null); //= error
$r = 1 >> -1; //= clean
$r = $r % 0; //= clean
$r = assert('$r'); //= warning
$r = define('X', 1, true); //= warning
$r = date_sunrise(time()); //= warning
$r = mb_convert_encoding('x', 'HTML-ENTITIES', 'UTF-8'); //= warning
$r = strptime('x', '%Y'); //= warning
