<?php // corpus: to=8.2

class Request_Helper
{
    private $pieces = array('a', 'b');
    private $glue = ',';

    public function query($string)
    {
        parse_str($string); //= error
        parse_str($string, $out); //= clean
        mb_parse_str($string); //= error
        mb_parse_str($string, $out); //= clean
        \parse_str('a=1'); //= error
        $this->parse_str($string); //= clean
        return $out;
    }

    private function parse_str($s)
    {
        return $s;
    }

    public function join()
    {
        $a = implode($this->pieces, ','); //= error
        $a = implode(',', $this->pieces); //= clean
        $a = implode($this->pieces); //= clean
        $a = implode(array('a', 'b'), ', '); //= error
        $a = implode(', ', array('a', 'b')); //= clean
        $a = join($this->pieces, "\n"); //= error
        $a = join("\n", $this->pieces); //= clean
        $a = implode(array_map('trim', $this->pieces), '&'); //= error
        $a = implode('&', array_map('trim', $this->pieces)); //= clean
        $a = implode($this->glue, $this->pieces); //= clean
        $a = implode(['x', 'y'], ''); //= error
        $a = Strings::implode($this->pieces, ','); //= clean
        $a = $this->implode($this->pieces, ','); //= clean
        return $a;
    }

    private function implode($pieces, $glue)
    {
        return implode($glue, $pieces); //= clean
    }

    public function time($h)
    {
        $now = mktime(); //= error
        $now = gmmktime(); //= error
        $now = time(); //= clean
        $noon = mktime(12); //= clean
        $noon = mktime(12, 0, 0, 1, 1, 2015, 0); //= error
        $noon = gmmktime(12, 0, 0, 1, 1, 2015, -1); //= error
        $noon = mktime(12, 0, 0, 1, 1, 2015); //= clean
        $noon = $this->mktime(); //= clean
        $parts = array(12, 0, 0);
        $noon = mktime(...$parts); //= clean
        return array($now, $noon, $h);
    }

    private function mktime()
    {
        return 0;
    }

    public function password($plain)
    {
        $hash = crypt($plain); //= error
        $hash = crypt($plain, '$2y$10$' . substr(md5($plain), 0, 22)); //= clean
        $hash = password_hash($plain, PASSWORD_DEFAULT); //= clean
        $hash = password_hash($plain, PASSWORD_BCRYPT, array('cost' => 11)); //= clean
        $hash = password_hash($plain, PASSWORD_BCRYPT, array('cost' => 11, 'salt' => 'abcdefghijklmnopqrstuv')); //= warning
        $hash = password_hash($plain, PASSWORD_BCRYPT, ['salt' => $this->glue]); //= warning
        return $hash;
    }

    public function seal($data, $keys)
    {
        openssl_seal($data, $sealed, $envs, $keys); //= error
        openssl_seal($data, $sealed, $envs, $keys, 'AES256', $iv); //= clean
        openssl_open($sealed, $open, $envs[0], $keys[0]); //= error
        openssl_open($sealed, $open, $envs[0], $keys[0], 'AES256', $iv); //= clean
        return $open;
    }

    public function text($s)
    {
        $p = mb_strrpos($s, 'x', 'UTF-8'); //= error
        $p = mb_strrpos($s, 'x', 0, 'UTF-8'); //= clean
        $p = mb_strpos($s, 'x', 0, 'UTF-8'); //= clean
        $e = mb_decode_numericentity($s, array(0, 0xffff, 0, 0xffff), 'UTF-8', true); //= error
        $e = mb_encode_numericentity($s, array(0, 0xffff, 0, 0xffff), 'UTF-8', true); //= clean
        $c = mb_check_encoding(); //= warning
        $c = mb_check_encoding($s, 'UTF-8'); //= clean
        $v = curl_version(CURLVERSION_NOW); //= error
        $v = curl_version(); //= clean
        setlocale('LC_ALL', 'de_DE'); //= error
        setlocale(LC_ALL, 'de_DE', 'de'); //= clean
        $t = tidy_repair_string($s, array(), 'utf8', true); //= error
        $t = tidy_repair_string($s, array(), 'utf8'); //= clean
        return array($p, $e, $c, $v, $t);
    }

    public function shape($image, array $points)
    {
        imagepolygon($image, $points, 3, 1); //= warning
        imagefilledpolygon($image, $points, count($points) / 2, 1); //= warning
        imageopenpolygon($image, $points, 3, 1); //= warning
        imagepolygon($image, $points, 1); //= clean
        imagefilledpolygon($image, $points, 1); //= clean
        imageline($image, 0, 0, 1, 1); //= clean
        imagecropauto($image, -1); //= error
        imagecropauto($image, IMG_CROP_DEFAULT); //= clean
        imagecropauto($image); //= clean
        imagerotate($image, 90, 0, 1); //= clean
    }

    public function database($link, $pg)
    {
        pg_connect('localhost', '5432', '', '', 'shop'); //= error
        pg_connect('host=localhost dbname=shop'); //= clean
        pg_connect('host=localhost dbname=shop', PGSQL_CONNECT_FORCE_NEW); //= clean
        pg_pconnect('localhost', '5432', 'shop'); //= error
        pg_lo_import('/tmp/file', $pg); //= error
        pg_lo_import($pg, '/tmp/file'); //= clean
        odbc_exec($link, 'SELECT 1', 0); //= error
        odbc_exec($link, 'SELECT 1'); //= clean
        mysqli_get_client_info($link); //= warning
        mysqli_get_client_info(); //= clean
    }

    public function registry()
    {
        spl_autoload_register(array($this, 'load'), false); //= warning
        spl_autoload_register(array($this, 'load'), true, true); //= clean
        spl_autoload_register(); //= clean
        get_defined_functions(false); //= warning
        get_defined_functions(true); //= clean
        get_defined_functions(); //= clean
        define('SHOP_NAME', 'Shop', true); //= warning
        define('SHOP_NAME_2', 'Shop', false); //= clean
        define('SHOP_NAME_3', 'Shop'); //= clean
        get_class(null); //= error
        get_class($this); //= clean
        get_class(); //= clean
        return get_parent_class(); //= clean
    }
}
