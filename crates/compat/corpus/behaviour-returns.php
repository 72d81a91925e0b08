<?php // corpus: to=8.2

class Http_Client
{
    public function get($url)
    {
        $ch = curl_init($url);
        if (!is_resource($ch)) { //= warning
            throw new RuntimeException('curl');
        }
        curl_setopt($ch, CURLOPT_RETURNTRANSFER, true); //= clean
        $body = curl_exec($ch);
        if ($ch === false) { //= clean
            return null;
        }
        return $body;
    }

    public function multi()
    {
        $mh = curl_multi_init();
        if (is_resource($mh)) { //= warning
            curl_multi_close($mh); //= clean
        }
        $sh = curl_share_init();
        return is_resource($sh) ? $sh : null; //= warning
    }

    public function file($path)
    {
        $fp = fopen($path, 'r');
        if (is_resource($fp)) { //= clean
            fclose($fp);
        }
        $dir = opendir($path);
        if (!is_resource($dir)) { //= clean
            return false;
        }
        $proc = proc_open('ls', array(), $pipes);
        return is_resource($proc); //= clean
    }

    public function image($path)
    {
        $im = imagecreatefromjpeg($path);
        if (!is_resource($im)) { //= warning
            return false;
        }
        $thumb = imagecreatetruecolor(100, 100);
        if (is_resource($thumb) && imagecopyresampled($thumb, $im, 0, 0, 0, 0, 100, 100, 200, 200)) { //= warning
            imagejpeg($thumb); //= clean
        }
        if (is_object($thumb) || is_resource($thumb)) { //= clean
            return true;
        }
        return $im !== false; //= clean
    }

    public function parser($xml)
    {
        $p = xml_parser_create('UTF-8');
        if (false == is_resource($p)) { //= warning
            return;
        }
        $q = xml_parser_create_ns();
        assert(is_resource($q)); //= warning
        xml_parse($p, $xml); //= clean
    }

    public function keys($pem, $dn, $key)
    {
        $cert = openssl_x509_read($pem);
        if (is_resource($cert)) { //= warning
            echo 'cert'; //= clean
        }
        $new = openssl_pkey_new();
        if (is_resource($new)) { //= warning
            echo 'key';
        }
        $csr = openssl_csr_new($dn, $key);
        return is_resource($csr); //= warning
    }

    public function sockets()
    {
        $s = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
        if (!is_resource($s)) { //= warning
            return false;
        }
        $f = fsockopen('localhost', 80);
        return is_resource($f); //= clean
    }

    public function ldap($host)
    {
        $ds = ldap_connect($host);
        if (is_resource($ds)) { //= warning
            return $ds;
        }
        $ftp = ftp_connect($host);
        if (is_resource($ftp)) { //= warning
            return $ftp;
        }
        $pg = pg_connect("host=$host");
        if (!is_resource($pg)) { //= warning
            return null;
        }
        $fi = finfo_open(FILEINFO_MIME_TYPE);
        return is_resource($fi) ? 1 : 2; //= warning
    }

    public function hash()
    {
        $ctx = hash_init('md5');
        if (is_resource($ctx)) { //= warning
            hash_update($ctx, 'x'); //= clean
        }
        return hash_final($ctx);
    }

    public function inline($url)
    {
        if (is_resource(curl_init($url))) { //= warning
            return 1;
        }
        if (is_resource($h = imagecreate(1, 1))) { //= warning
            return 2;
        }
        if (gettype($h) == 'resource') { //= warning
            return 3;
        }
        if (get_resource_type($h) == 'gd') { //= error
            return 4;
        }
        return is_resource($url); //= clean
    }

    public function is_resource($x)
    {
        return $this->is_resource(curl_init($x)); //= clean
    }

    public function queue()
    {
        $q = new SplQueue();
        if ($q->push(1)) { //= warning
            return true;
        }
        $q->push(2); //= clean
        $q->enqueue(3); //= clean
        return $q->count(); //= clean
    }

    public function count()
    {
        $n = count(null); //= error
        $n = count('abc'); //= error
        $n = sizeof(5); //= error
        $n = count(array(1)); //= clean
        $n = count($this->list()); //= clean
        $o = new stdClass();
        $n = count($o); //= error
        $a = new ArrayObject(array());
        return $n + count($a); //= clean
    }

    public function list()
    {
        return array();
    }

    public function objects()
    {
        $o = new stdClass();
        if (array_key_exists('x', $o)) { //= error
            return reset($o); //= warning
        }
        $k = key($o); //= warning
        $c = current($o); //= warning
        $a = array('x' => 1);
        if (array_key_exists('x', $a) || property_exists($o, 'x')) { //= clean
            return current($a) . key($a) . $k . $c; //= clean
        }
        return end($a); //= clean
    }
}
