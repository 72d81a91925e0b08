<?php // corpus: to=8.4
namespace Warehouse;

use DOMImplementation;

class Stock
{
    private $rows = array();

    public function __construct(array $rows = null) //= warning
    {
        $this->rows = $rows;
    }

    public function find(Item $item = null, $limit = 10) //= warning
    {
        return $item;
    }

    public function findNow(?Item $item = null, string|null $name = null) //= clean
    {
        return $item;
    }

    public function findUntyped($item = null, mixed $x = null) //= clean
    {
        return $item;
    }

    public function inside()
    {
        $f = function (int $x = null) { return $x; }; //= warning
        $g = fn (string $s = null) => $s; //= warning
        $h = fn (?string $s = null) => $s; //= clean
        return array($f, $g, $h);
    }

    public function csv($fp, $line)
    {
        fputcsv($fp, array(1, 2)); //= warning
        fputcsv($fp, array(1, 2), ';'); //= warning
        fputcsv($fp, array(1, 2), ';', '"'); //= warning
        fputcsv($fp, array(1, 2), ';', '"', '\\'); //= clean
        fputcsv($fp, array(1, 2), escape: ''); //= clean
        fgetcsv($fp); //= warning
        fgetcsv($fp, 1000, ';'); //= warning
        fgetcsv($fp, 1000, ';', '"', ''); //= clean
        str_getcsv($line); //= warning
        str_getcsv($line, ',', '"', '\\'); //= clean
        return array_map('str_getcsv', $this->rows); //= warning
    }

    public function calls(\mysqli $db, $x)
    {
        trigger_error('stock', E_USER_ERROR); //= warning
        trigger_error('stock', E_USER_WARNING); //= clean
        trigger_error('stock'); //= clean
        user_error('stock', \E_USER_ERROR); //= warning
        mysqli_ping($db); //= warning
        $db->ping(); //= warning
        $db->kill(5); //= warning
        mysqli_kill($db, 5); //= warning
        $db->refresh(1); //= warning
        $db->query('SELECT 1'); //= clean
        lcg_value(); //= warning
        mt_rand(); //= clean
        xml_set_object($x, $this); //= warning
        stream_context_set_option($x, array('http' => array())); //= warning
        stream_context_set_option($x, 'http', 'method', 'POST'); //= clean
        session_set_save_handler('a', 'b', 'c', 'd', 'e', 'f'); //= warning
        session_set_save_handler($this, true); //= clean
        intlcal_set($x, 2020, 1, 1); //= warning
        imap_open('a', 'b', 'c'); //= error
        pspell_new('en'); //= error
        oci_connect('a', 'b', 'c'); //= error
        if (function_exists('imap_open')) {
            imap_open('a', 'b', 'c'); //= clean
        }
        strftime('%Y'); //= warning
        each($x); //= error
        curl_close($x); //= clean
        imagedestroy($x); //= clean
        $n = round(1.5, 0, 99); //= error
        $n = round(1.5, 0, PHP_ROUND_HALF_UP); //= clean
        return $n;
    }

    public function constants()
    {
        error_reporting(E_ALL | E_STRICT); //= warning
        error_reporting(E_ALL & ~E_DEPRECATED); //= clean
        $x = CURLOPT_BINARYTRANSFER; //= warning
        $x = SUNFUNCS_RET_STRING; //= warning
        $x = \DOM_PHP_ERR; //= warning
        $x = SOAP_FUNCTIONS_ALL; //= warning
        $x = SID; //= warning
        $x = MYSQLI_REFRESH_LOG; //= warning
        $x = MYSQLI_SET_CHARSET_DIR; //= error
        $x = MYSQLI_TYPE_INTERVAL; //= error
        $x = self::E_STRICT; //= clean
        $x = MYSQLI_STMT_ATTR_PREFETCH_ROWS; //= error
        return $x;
    }

    const E_STRICT = 1; //= clean

    public function ini()
    {
        ini_set('session.sid_length', 48); //= warning
        ini_set('session.sid_bits_per_character', 6); //= warning
        ini_set('session.use_only_cookies', 0); //= warning
        ini_set('session.use_trans_sid', 1); //= warning
        ini_set('session.cookie_secure', 1); //= clean
        ini_set('session.referer_check', 'x'); //= warning
    }

    public function objects(DOMImplementation $dom, $x)
    {
        $dom->getFeature('Core', '1.0'); //= error
        $dom->hasFeature('Core', '1.0'); //= clean
        new \DatePeriod('R4/2012-07-01T00:00:00Z/P7D'); //= warning
        new \DatePeriod($x, new \DateInterval('P1D'), 4); //= clean
        new \ReflectionMethod('Foo::bar'); //= warning
        new \ReflectionMethod('Foo', 'bar'); //= clean
        $csv = new \SplFileObject('x.csv');
        $csv->setCsvControl(';'); //= warning
        $csv->setCsvControl(';', '"', ''); //= clean
        $file = new \SplFileObject('y.csv');
        $file->fgetcsv(); //= warning
        $file->fputcsv(array(1)); //= warning
        $file->fgets(); //= clean
        return $csv;
    }

    public function typed(\SoapServer $s)
    {
        $s->addFunction(SOAP_FUNCTIONS_ALL); //= warning
        $s->addFunction('ping'); //= clean
    }
}

class _ {} //= warning
class _Item {} //= clean
class Item {} //= clean
