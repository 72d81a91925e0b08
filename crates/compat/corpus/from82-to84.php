<?php // corpus: to=8.4 from=8.2

class Sync
{
    private array $rows = [];

    public function run(mysqli $db, $fp, $x, ?Sync $other = null) //= clean
    {
        $a = each($this->rows); //= clean
        $a = create_function('', ''); //= clean
        $a = mysql_query('x'); //= clean
        $a = money_format('%n', 1); //= clean
        $a = implode($this->rows, ','); //= clean
        $a = FILTER_SANITIZE_MAGIC_QUOTES; //= clean
        $a = htmlspecialchars($x); //= clean
        $a = ini_set('track_errors', 1); //= clean
        $a = imap_open('a', 'b', 'c'); //= error
        $a = imap_fetchbody($a, 1, '1'); //= error
        $a = pspell_check(1, 'x'); //= error
        $a = oci_parse($a, 'SELECT 1'); //= error
        $a = lcg_value(); //= warning
        $a = mysqli_ping($db); //= warning
        $a = $db->ping(); //= warning
        $a = get_class(); //= warning
        $a = assert_options(ASSERT_ACTIVE); //= warning
        $a = E_STRICT; //= warning
        $a = fgetcsv($fp); //= warning
        $a = fgetcsv($fp, 0, ';', '"', ''); //= clean
        $a = trigger_error('x', E_USER_ERROR); //= warning
        $a = imagerotate($a, 90, 0, 1); //= error
        $a = ldap_connect('host', 389); //= warning
        $a = MYSQLI_SET_CHARSET_DIR; //= error
        $a = ini_set('assert.active', 1); //= warning
        $a = ini_set('session.sid_length', 40); //= warning
        $a = ini_set('opcache.consistency_checks', 1); //= error
        return 'Sum: ' . $a + $x; //= clean
    }

    public function nullable(Sync $s = null, string $x = null) //= warning
    {
        $f = function (array $a = null) { return $a; }; //= warning
        $g = function (?array $a = null) { return $a; }; //= clean
        return [$f, $g, is_resource(curl_init())]; //= clean
    }

    function Sync() {} //= clean
}
