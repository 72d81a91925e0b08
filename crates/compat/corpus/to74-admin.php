<?php // corpus: to=7.4

class Admin
{
    private $rows = array();

    public function prices()
    {
        $x = money_format('%n', 1); //= warning
        $x = number_format(1, 2); //= clean
        $x = hebrevc('x'); //= warning
        $x = convert_cyr_string('x', 'k', 'w'); //= warning
        $x = ezmlm_hash('a@example.com'); //= warning
        $x = restore_include_path(); //= warning
        $x = is_real(1.5); //= warning
        $x = is_float(1.5); //= clean
        $x = get_magic_quotes_gpc(); //= warning
        $x = get_magic_quotes_runtime(); //= warning
        $x = function_exists('get_magic_quotes_gpc'); //= clean
        if (PHP_VERSION_ID < 50400 && get_magic_quotes_gpc()) { //= clean
            $x = 1;
        }
        return $x;
    }

    public function strings($parts)
    {
        $x = implode($parts, ','); //= warning
        $x = implode(',', $parts); //= clean
        $x = join(array('a'), '-'); //= warning
        $x = mb_strrpos('abc', 'b', 'UTF-8'); //= warning
        $x = mb_strrpos('abc', 'b', 0, 'UTF-8'); //= clean
        $x = strpos('abc', 98); //= warning
        $x = strpos('abc', 'b'); //= clean
        $x = filter_var('a', FILTER_SANITIZE_MAGIC_QUOTES); //= warning
        $x = filter_var('a', FILTER_SANITIZE_STRING); //= clean
        $x = filter_var('a', FILTER_VALIDATE_URL, FILTER_FLAG_SCHEME_REQUIRED); //= warning
        $x = filter_var('a', FILTER_VALIDATE_URL, FILTER_FLAG_PATH_REQUIRED); //= clean
        $x = utf8_encode('a') . strftime('%Y'); //= clean
        $x = htmlspecialchars('a'); //= clean
        $x = trim(null); //= clean
        $x = "a ${x}"; //= clean
        return $x;
    }

    public function legacy($ldap, $image)
    {
        ldap_sort($ldap, $ldap, 'sn'); //= warning
        ldap_control_paged_result($ldap, 10); //= warning
        ldap_search($ldap, 'dc=x', '(cn=*)'); //= clean
        image2wbmp($image); //= warning
        fgetss(STDIN); //= warning
        mbereg('a', 'b'); //= warning
        mbregex_encoding('UTF-8'); //= warning
        mb_ereg('a', 'b'); //= clean
        each($this->rows); //= warning
        create_function('', ''); //= warning
        ibase_connect('x'); //= error
        wddx_serialize_value(1); //= error
        recode('latin1..utf8', 'x'); //= error
        xmlrpc_decode('x'); //= clean
        mcrypt_list_modes(); //= error
        mysql_error(); //= error
        define('ADMIN', 1, true); //= warning
        define('ADMIN2', 1); //= clean
        gmp_random(1); //= warning
        parse_str('a'); //= warning
    }

    public function objects()
    {
        $o = new stdClass();
        $x = array_key_exists('a', $o); //= warning
        $x = array_key_exists('a', $this->rows); //= clean
        $x = reset($o); //= clean
        ReflectionClass::export('Admin'); //= warning
        $x = new ReflectionClass('Admin'); //= clean
        $x = new ReflectionParameter('strlen', 0);
        $x->getClass(); //= clean
        $f = new SplFileObject('a');
        $f->fgetss(); //= warning
        $f->fgets(); //= clean
        $a = new SplFixedArray(2);
        $a->rewind(); //= clean
        return $x;
    }

    public function ini($rows)
    {
        ini_set('track_errors', 1); //= warning
        ini_set('sql.safe_mode', 1); //= error
        ini_set('display_errors', 1); //= clean
        foreach ($rows as $row) {
            switch ($row) {
                case 'a':
                    continue; //= warning
                case 'b':
                    continue 2; //= clean
            }
        }
        $r = curl_version(CURLVERSION_NOW); //= warning
        $r = imagecropauto($r, -1); //= warning
        $r = crypt('x'); //= clean
        $r = is_resource(curl_init()); //= clean
        return $r;
    }

    function optional($a = 1, $b) //= clean
    {
        return Admin::optional($a, $b); //= clean
    }
}

$x = 'Sum: ' . $a + $b; //= warning
$x = 'Sum: ' . ($a + $b); //= clean
