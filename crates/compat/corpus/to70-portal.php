<?php // corpus: to=7.0

/* An intranet portal on PHP 5.6 that shall move to 7.0 */

class Portal
{
    private $db;
    private $users = array();

    function Portal($dsn) //= warning
    {
        $this->db = mysql_connect('localhost'); //= error
    }

    function load()
    {
        $r = mysql_query('SELECT * FROM users', $this->db); //= error
        while ($row = mysql_fetch_array($r, MYSQL_BOTH)) { //= error
            $this->users[] = $row;
        }
        while (list($k, $v) = each($this->users)) { //= clean
            echo $k, $v;
        }
        return mcrypt_create_iv(16, MCRYPT_DEV_URANDOM); //= clean
    }

    function text($text)
    {
        $text = ereg_replace('a', 'b', $text); //= error
        $text = preg_replace('/a/e', '"b"', $text); //= error
        $text = preg_replace('/a/i', 'b', $text); //= clean
        $text = utf8_encode($text); //= clean
        $text = strftime('%Y') . money_format('%n', 1); //= clean
        $parts = split(',', $text); //= error
        return implode($parts, ','); //= clean
    }

    function functional()
    {
        $f = create_function('$a', 'return $a;'); //= clean
        parse_str('a=1'); //= clean
        assert('true'); //= clean
        $x = strpos('abc', 65); //= clean
        $n = count(null); //= clean
        $c = crypt('x'); //= clean
        if (get_magic_quotes_gpc()) { //= clean
            set_magic_quotes_runtime(0); //= error
        }
        define('FOO', 1, true); //= clean
        return array($f, $x, $n, $c, $php_errormsg); //= clean
    }

    function raw()
    {
        return $HTTP_RAW_POST_DATA; //= error
    }

    function ini()
    {
        ini_set('asp_tags', 1); //= error
        ini_set('always_populate_raw_post_data', -1); //= error
        ini_set('xsl.security_prefs', 0); //= error
        ini_set('session.entropy_length', 16); //= clean
        ini_set('track_errors', 1); //= clean
        ini_set('mbstring.func_overload', 0); //= clean
        ini_set('sql.safe_mode', 0); //= clean
    }

    function order($a, $foo, $obj, $bar)
    {
        list($x[], $x[]) = array(1, 2); //= warning
        $y = $$foo['bar']; //= warning
        $y = $obj->$bar['baz']; //= warning
        $a .= 'x';
        $args = func_get_args(); //= warning
        $y = 1 >> -1; //= error
        $y = mktime(1, 0, 0, 1, 1, 2015); //= clean
        $y = "Sum " . $a + 1; //= clean
        $y = "x ${a}"; //= clean
        return array($x, $y, $args);
    }

    function pass($p)
    {
        return password_hash($p, PASSWORD_BCRYPT, array('salt' => 'abcdefghijklmnopqrstuv')); //= warning
    }

    function passNow($p)
    {
        return password_hash($p, PASSWORD_BCRYPT, array('cost' => 11)); //= clean
    }

    function stat()
    {
        return Portal_Helper::wrap('x'); //= warning
    }
}

class Portal_Helper
{
    function wrap($x)
    {
        return $x;
    }

    static function make($x)
    {
        return $x;
    }
}

class Portal_List implements Countable, Serializable
{
    function count() //= clean
    {
        return 0;
    }

    function serialize() { return ''; } //= clean
    function unserialize($d) { return null; }
}

function optional($a = 1, $b) //= clean
{
    return Portal_Helper::make($a); //= clean
}

$formatter->setTimeZoneID('UTC'); //= clean
datefmt_set_timezone_id($formatter, 'UTC'); //= error
imagepsloadfont('a.pfb'); //= error
mssql_connect('x'); //= error
call_user_method('x', $portal); //= error
mcrypt_ecb(MCRYPT_BLOWFISH, 'k', 'd', MCRYPT_ENCRYPT); //= error
mcrypt_cbc(MCRYPT_BLOWFISH, 'k', 'd', MCRYPT_ENCRYPT); //= error
mcrypt_generic_end($td); //= error
mcrypt_generic_deinit($td); //= clean
wddx_deserialize('x'); //= clean
xmlrpc_encode('x'); //= clean
set_socket_blocking($fp, true); //= error
