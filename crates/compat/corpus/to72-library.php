<?php // corpus: to=7.2

class Library
{
    private $rows = array();

    public function each()
    {
        while (list($k, $v) = each($this->rows)) { //= warning
            echo $k, $v;
        }
        return $this;
    }

    public function closures()
    {
        $f = create_function('$a', 'return $a;'); //= warning
        usort($this->rows, create_function('$a,$b', 'return 0;')); //= warning
        $g = function ($a) { return $a; }; //= clean
        return $f === $g;
    }

    public function crypto($text)
    {
        $iv = mcrypt_create_iv(16, MCRYPT_DEV_URANDOM); //= error
        return mcrypt_encrypt(MCRYPT_RIJNDAEL_128, 'k', $text, 'cbc', $iv); //= error
    }

    public function cryptoGuarded($text)
    {
        if (function_exists('mcrypt_create_iv')) {
            return mcrypt_create_iv(16, MCRYPT_DEV_URANDOM); //= clean
        }
        return random_bytes(16); //= clean
    }

    public function calls($q)
    {
        parse_str($q); //= warning
        parse_str($q, $out); //= clean
        mb_parse_str($q, $out); //= clean
        assert('$q'); //= warning
        assert($q); //= clean
        $r = gmp_random(3); //= warning
        $r = gmp_random_range(1, 3); //= clean
        $r = png2wbmp('a', 'b', 1, 1, 1); //= warning
        $r = jpeg2wbmp('a', 'b', 1, 1, 1); //= warning
        $r = read_exif_data('a.jpg'); //= warning
        $r = exif_read_data('a.jpg'); //= clean
        $r = idn_to_ascii('x.de', 0, INTL_IDNA_VARIANT_2003); //= warning
        $r = idn_to_ascii('x.de', 0, INTL_IDNA_VARIANT_UTS46); //= clean
        $r = image2wbmp($r); //= clean
        $r = money_format('%n', 1); //= clean
        $r = is_real($r); //= clean
        $r = get_magic_quotes_gpc(); //= clean
        $r = implode(array('a'), ','); //= clean
        $r = strpos('a', 65); //= clean
        $r = define('A', 1, true); //= clean
        $r = mbereg('a', 'b'); //= clean
        $r = count('abc'); //= warning
        $r = count(null); //= warning
        $r = count(array()); //= clean
        $r = get_class(null); //= warning
        $r = utf8_decode('a'); //= clean
        return array($r, $out);
    }

    public function errors()
    {
        ini_set('track_errors', 1); //= warning
        ini_set('session.entropy_file', '/dev/urandom'); //= error
        ini_set('session.hash_function', 1); //= error
        ini_set('sql.safe_mode', 1); //= error
        ini_set('assert.active', 1); //= clean
        ini_set('auto_detect_line_endings', 1); //= clean
        return @file('x') ?: $php_errormsg; //= warning
    }

    public function cast($x)
    {
        $y = (bool) $x; //= clean
        $y = is_resource(hash_init('md5')); //= warning
        $y = is_resource(curl_init()); //= clean
        return $y;
    }

    public function loop($rows)
    {
        foreach ($rows as $row) {
            switch ($row) {
                case 1:
                    continue; //= clean
            }
        }
    }
}

class Library_Row implements ArrayAccess
{
    public function offsetExists($o) { return true; } //= clean
    public function offsetGet($o) { return 1; } //= clean
    public function offsetSet($o, $v) { $this->last = $o; } //= clean
    public function offsetUnset($o) {} //= clean
}

mysql_connect('localhost'); //= error
eregi('a', 'b'); //= error
mb_ereg_replace('a', 'b', 'c', 'e'); //= warning
mb_ereg_replace('a', 'b', 'c'); //= clean
