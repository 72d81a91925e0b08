<?php // corpus: to=8.5 from=8.4

class Media
{
    public function run($ch, $im, SplObjectStorage $s, ReflectionProperty $p)
    {
        $a = "x {$a}"; //= clean
        $a = each($ch); //= clean
        $a = imap_open('a', 'b', 'c'); //= clean
        curl_close($ch); //= warning
        imagedestroy($im); //= warning
        $a = (integer) $a; //= warning
        $a = (int) $a; //= clean
        $a = (boolean) $a; //= warning
        $s->attach($this); //= warning
        $s->offsetSet($this, 1); //= clean
        $p->setAccessible(true); //= warning
        $a = `ls`; //= warning
        $a = DATE_RFC7231; //= warning
        $a = xml_parser_free($a); //= warning
        $a = finfo_close($a); //= warning
        $a = mysqli_execute($a); //= warning
        $a = ini_get('disable_classes'); //= error
        return $a;
    }
}
