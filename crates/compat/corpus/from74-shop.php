<?php // corpus: to=8.2 from=7.4

namespace Shop\Legacy;

use PDO;
use ReflectionParameter;

// What was gone in 7.4 already is not the upgrade's doing.

class Repository
{
    private PDO $pdo;
    private array $cache = [];

    public function __construct(PDO $pdo)
    {
        $this->pdo = $pdo;
    }

    public function old($link)
    {
        $r = mysql_query('SELECT 1', $link); //= clean
        if (ereg('a', 'b')) { //= clean
            return split(',', 'a,b'); //= clean
        }
        $iv = mcrypt_create_iv(16, MCRYPT_RAND); //= clean
        $iv = mcrypt_encrypt(MCRYPT_BLOWFISH, 'k', $iv, MCRYPT_MODE_ECB); //= clean
        mssql_query('SELECT 1'); //= clean
        set_magic_quotes_runtime(0); //= clean
        call_user_method('x', $this); //= clean
        $r = wddx_deserialize($r); //= clean
        $r = ibase_query($r, 'SELECT 1'); //= clean
        $r = recode_string('latin1..utf8', 'x'); //= clean
        return $HTTP_RAW_POST_DATA; //= clean
    }

    public function gone()
    {
        foreach ($this->cache as $row) {
            while (list($k, $v) = each($row)) { //= error
                echo $k, $v;
            }
        }
        $f = create_function('$a', 'return $a;'); //= error
        $p = money_format('%n', 3.5); //= error
        if (get_magic_quotes_gpc()) { //= error
            return $f;
        }
        $x = xmlrpc_encode_request('ping', []); //= error
        $x = convert_cyr_string($x, 'k', 'w'); //= error
        $x = is_real($x); //= error
        $x = implode($this->cache, ','); //= error
        parse_str('a=1'); //= error
        $x = FILTER_SANITIZE_MAGIC_QUOTES; //= error
        $x = INTL_IDNA_VARIANT_2003; //= error
        \ReflectionClass::export('Foo'); //= error
        mbereg('a', 'b'); //= error
        $x = fgetss(STDIN); //= error
        return $p . $x . $php_errormsg; //= error
    }

    public function deprecated(ReflectionParameter $p, $v)
    {
        $x = $p->getClass(); //= warning
        $x = strftime('%Y'); //= warning
        $x = utf8_encode($v); //= warning
        $x = trim(null); //= warning
        $x = "total ${v}"; //= warning
        $x = filter_var($v, FILTER_SANITIZE_STRING); //= warning
        libxml_disable_entity_loader(true); //= warning
        $x = zip_open('a.zip'); //= warning
        $x = key(new \stdClass()); //= warning
        return $x;
    }

    public function ini()
    {
        ini_set('asp_tags', 0); //= clean
        ini_set('session.hash_function', 1); //= clean
        ini_set('sql.safe_mode', 0); //= clean
        ini_set('track_errors', 0); //= error
        ini_set('mbstring.func_overload', 0); //= error
        ini_set('auto_detect_line_endings', 1); //= warning
        ini_set('assert.quiet_eval', 1); //= error
        ini_set('xsl.security_prefs', 1); //= clean
    }

    public function behaves($a, $b, $foo)
    {
        echo 'Sum: ' . $a + $b; //= warning
        $x = $$foo['bar']; //= clean
        list($c[], $c[]) = [1, 2]; //= clean
        $a = trim($a);
        $x = func_get_args(); //= clean
        $x = preg_replace('/a/e', 'b', $a); //= clean
        $x = is_resource(curl_init()); //= warning
        $x = is_resource(hash_init('md5')); //= clean
        $x = strpos($a, 65); //= warning
        $x = htmlspecialchars($a); //= warning
        $x = mktime(); //= error
        $x = password_hash($a, PASSWORD_DEFAULT, ['salt' => $b]); //= warning
        foreach ($c as $d) {
            switch ($d) {
                case 1:
                    continue; //= clean
            }
        }
        return $x;
    }

    public function fine($a)
    {
        $x = fn ($y) => $y + 1; //= clean
        $x = $this->cache['a'] ?? null; //= clean
        $x = [...$this->cache, $a]; //= clean
        $x = htmlspecialchars($a, ENT_QUOTES); //= clean
        $this->cache[] = $x; //= clean
        return $x;
    }
}

class Old_Ctor
{
    public $x;

    function Old_Ctor() {} //= clean
}
