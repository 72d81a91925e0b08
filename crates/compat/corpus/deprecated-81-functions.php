<?php // corpus: to=8.2

class Calendar_Helper
{
    private $format = '%d.%m.%Y'; //= clean

    public function today()
    {
        return strftime($this->format); //= warning
    }

    public function gmt($time)
    {
        return gmstrftime('%a, %d %b %Y %H:%M:%S GMT', $time); //= warning
    }

    public function iso($time)
    {
        return date('c', $time) . gmdate('His', $time); //= clean
    }

    public function parse($text)
    {
        $parts = strptime($text, $this->format); //= warning
        $again = date_parse_from_format('d.m.Y', $text); //= clean
        return $parts ?: $again;
    }

    public function sun($lat, $lon)
    {
        return array(
            'rise' => date_sunrise(time(), SUNFUNCS_RET_STRING, $lat, $lon, 90, 1), //= warning
            'set' => date_sunset(time(), SUNFUNCS_RET_STRING, $lat, $lon, 90, 1), //= warning
            'info' => date_sun_info(time(), $lat, $lon), //= clean
        );
    }

    public static function strftime($format) //= clean
    {
        return self::strftime($format); //= clean
    }

    public function safe($time)
    {
        if (PHP_VERSION_ID < 80100) {
            return strftime('%x', $time); //= clean
        }
        return date('d.m.Y', $time);
    }

    public function safeAgain($time)
    {
        return \PHP_VERSION_ID >= 80100 ? date('Y', $time) : \strftime('%Y', $time); //= clean
    }
}

echo Calendar_Helper::strftime('%Y'); //= clean
$h = new Calendar_Helper();
echo $h->today(); //= clean
echo StrFTime('%B'); //= warning
echo \strftime('%B', mktime(0, 0, 0, 1, 1)); //= warning
$month = array_map(function ($m) {
    return ucfirst(strftime('%b', mktime(0, 0, 0, $m, 1))); //= warning
}, range(1, 12));

$id = mhash(MHASH_SHA1, $data); //= warning
$id = hash('sha1', $data, true); //= clean
$size = mhash_get_block_size(MHASH_SHA1); //= warning
$key = mhash_keygen_s2k(MHASH_MD5, 'password', 'salt1234', 16); //= warning
$n = mhash_count(); //= warning
$name = mhash_get_hash_name(0); //= warning

odbc_result_all($rs, 'border=1'); //= warning
odbc_fetch_array($rs); //= clean
