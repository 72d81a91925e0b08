<?php // corpus: to=8.5

class Gallery
{
    private $files;
    private SplObjectStorage $seen;

    public function __construct()
    {
        $this->seen = new SplObjectStorage();
    }

    public function close($ch, $im, $fi, $xml, $share)
    {
        curl_close($ch); //= warning
        curl_share_close($share); //= warning
        curl_multi_close($ch); //= clean
        imagedestroy($im); //= warning
        finfo_close($fi); //= warning
        xml_parser_free($xml); //= warning
        socket_set_timeout($ch, 3); //= warning
        stream_set_timeout($ch, 3); //= clean
        mysqli_execute($ch); //= warning
        mysqli_stmt_execute($ch); //= clean
        fclose($fi); //= clean
        $this->curl_close($ch); //= clean
        if (PHP_VERSION_ID < 80000) {
            curl_close($ch); //= clean
        }
        if (PHP_VERSION_ID < 80500) {
            imagedestroy($im); //= clean
        }
    }

    private function curl_close($x)
    {
        return $x;
    }

    public function casts($x)
    {
        $y = (integer) $x; //= warning
        $y = (int) $x; //= clean
        $y = (boolean) $x; //= warning
        $y = (bool) $x; //= clean
        $y = (double) $x; //= warning
        $y = (float) $x; //= clean
        $y = (binary) $x; //= warning
        $y = (string) $x; //= clean
        $y = ( integer )$x; //= warning
        $y = (Integer) $x; //= warning
        $y = '(integer)'; //= clean
        $y = integer($x); //= clean
        return $y;
    }

    public function shell($dir)
    {
        $out = `ls $dir`; //= warning
        $out = shell_exec('ls'); //= clean
        $out = '`ls`'; //= clean
        $out = "SELECT `id` FROM `x`"; //= clean
        return $out;
    }

    public function choose($x)
    {
        switch ($x) {
            case 1; //= warning
                return 1;
            case 2: //= clean
                return 2;
            default: //= clean
                return 3;
        }
    }

    public function storage(SplObjectStorage $s, $o)
    {
        $s->attach($o); //= warning
        $s->detach($o); //= warning
        if ($s->contains($o)) { //= warning
            $s->offsetExists($o); //= clean
        }
        $this->seen->attach($o); //= warning
        $this->seen[$o] = 1; //= clean
        $this->listeners()->attach($o); //= clean
        $o->attach($s); //= clean
        return count($s); //= clean
    }

    public function listeners()
    {
        return new Listeners();
    }

    public function reflect(ReflectionMethod $m, ReflectionProperty $p)
    {
        $m->setAccessible(true); //= warning
        $p->setAccessible(true); //= warning
        $r = new ReflectionProperty('A', 'b');
        $r->setAccessible(true); //= warning
        return $r->getValue($this); //= clean
    }

    public function http($url)
    {
        $body = file_get_contents($url); //= clean
        foreach ($http_response_header as $h) { //= warning
            echo $h;
        }
        return $body;
    }

    public function own($url)
    {
        $http_response_header = array(); //= clean
        return $http_response_header; //= clean
    }

    public function constants(PDO $db)
    {
        $x = DATE_RFC7231; //= warning
        $x = DateTimeInterface::RFC7231; //= warning
        $x = DATE_RFC2822; //= clean
        $x = MHASH_MD5; //= warning
        $x = $db->setAttribute(PDO::MYSQL_ATTR_USE_BUFFERED_QUERY, false); //= warning
        $x = $db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION); //= clean
        $x = $db->sqliteCreateFunction('md5', 'md5'); //= warning
        $x = $db->lastInsertId(); //= clean
        $x = ini_set('report_memleaks', 0); //= warning
        $x = ini_get('disable_classes'); //= error
        $x = ini_get('disable_functions'); //= clean
        $x = each($x); //= error
        $x = strftime('%Y'); //= warning
        return $x;
    }

    public function bytes()
    {
        $c = chr(65); //= clean
        $c = chr(256); //= warning
        $c = chr(-1); //= warning
        $c = ord('a'); //= clean
        $c = ord('abc'); //= warning
        $c = ord(''); //= warning
        return $c;
    }
}

class Listeners
{
    public function attach($o) { return $o; } //= clean
    public function setAccessible($x) { return $x; } //= clean
}

$l = new Listeners();
$l->attach(1); //= clean
$l->setAccessible(true); //= clean
function integer($x) { return $x; } //= clean
