<?php // corpus: to=8.0

class Newsletter
{
    private $queue = array();
    public $sent;

    public function dates($t)
    {
        $x = strftime('%Y', $t); //= clean
        $x = gmstrftime('%Y', $t); //= clean
        $x = strptime('x', '%Y'); //= clean
        $x = date_sunrise($t); //= clean
        $x = utf8_encode('x'); //= clean
        $x = "a ${t}"; //= clean
        $x = trim(null); //= clean
        $x = htmlspecialchars('x'); //= clean
        $x = mhash(MHASH_MD5, 'x'); //= clean
        $x = key(new stdClass()); //= clean
        $x = array_key_exists('x', new stdClass()); //= error
        $x = filter_var('x', FILTER_SANITIZE_STRING); //= clean
        $x = ini_set('auto_detect_line_endings', 1); //= clean
        $x = ini_set('mysqlnd.fetch_data_copy', 1); //= clean
        $x = ini_set('track_errors', 1); //= error
        $x = mb_check_encoding(); //= clean
        $x = ctype_digit(5); //= clean
        return $x;
    }

    public function gone()
    {
        each($this->queue); //= error
        create_function('', ''); //= error
        money_format('%n', 1); //= error
        xmlrpc_encode('x'); //= error
        mysql_query('x'); //= error
        ereg('a', 'b'); //= error
        implode($this->queue, ','); //= error
        parse_str('a'); //= error
        crypt('a'); //= error
        get_magic_quotes_gpc(); //= error
        zip_open('x.zip'); //= warning
        zip_read($this->queue); //= warning
        libxml_disable_entity_loader(true); //= warning
        shmop_close($this->queue); //= warning
        openssl_x509_free($this->queue); //= warning
        openssl_pkey_free($this->queue); //= warning
        enchant_broker_free($this->queue); //= warning
        pg_numrows($this->queue); //= warning
        pg_num_rows($this->queue); //= clean
        pg_fieldname($this->queue, 0); //= warning
        pg_freeresult($this->queue); //= warning
        pg_errormessage(); //= warning
        pg_last_error(); //= clean
        curl_close($this->queue); //= clean
        return MB_OVERLOAD_MAIL; //= error
    }

    public function reflect(ReflectionParameter $p, ReflectionMethod $m)
    {
        $m->setAccessible(true); //= clean
        return $p->getClass(); //= warning
    }

    public function dynamic()
    {
        $this->undeclared = 1; //= clean
        $this->sent = 1; //= clean
    }

    public function resource($url)
    {
        if (is_resource(curl_init($url))) { //= warning
            return 1;
        }
        if (is_resource(ftp_connect($url))) { //= clean
            return 2;
        }
        if (is_resource(finfo_open())) { //= clean
            return 3;
        }
        return is_resource(imagecreate(1, 1)); //= warning
    }

    public function callables()
    {
        return call_user_func('self::make'); //= clean
    }

    public static function make($a = 1, $b) //= warning
    {
        return new self();
    }
}

class Newsletter_Queue implements Countable, Serializable
{
    public function count() { return 0; } //= clean
    public function serialize() { return ''; } //= clean
    public function unserialize($d) { return null; } //= clean
}

echo "Sum: " . $a + $b; //= warning
