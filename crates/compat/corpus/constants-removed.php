<?php // corpus: to=8.2
namespace App\Filter;

use Acme\Legacy\Constants as Legacy;

interface Flags
{
    const FILTER_SANITIZE_MAGIC_QUOTES = 521; //= clean
    const INPUT_REQUEST = 99; //= clean
}

class Input implements Flags
{
    const MB_OVERLOAD_STRING = 2; //= clean

    private static $sources = array(
        'get' => INPUT_GET, //= clean
        'post' => INPUT_POST, //= clean
        'request' => INPUT_REQUEST, //= error
        'session' => INPUT_SESSION, //= error
        'magic' => self::FILTER_SANITIZE_MAGIC_QUOTES, //= clean
    );

    public $filter = FILTER_SANITIZE_MAGIC_QUOTES; //= error

    public function url($value, $flags = FILTER_FLAG_SCHEME_REQUIRED) //= error
    {
        return filter_var($value, FILTER_VALIDATE_URL, $flags | FILTER_FLAG_HOST_REQUIRED); //= error
    }

    public function path($value)
    {
        return filter_var($value, FILTER_VALIDATE_URL, FILTER_FLAG_PATH_REQUIRED); //= clean
    }

    public function text($name)
    {
        $a = filter_input(INPUT_GET, $name, FILTER_SANITIZE_STRING); //= warning
        $b = filter_input(INPUT_GET, $name, FILTER_SANITIZE_STRIPPED); //= warning
        $c = filter_input(INPUT_GET, $name, FILTER_SANITIZE_SPECIAL_CHARS); //= clean
        $d = filter_input(INPUT_GET, $name, FILTER_UNSAFE_RAW); //= clean
        $e = filter_var($name, \FILTER_SANITIZE_ADD_SLASHES); //= clean
        $f = filter_var($name, \FILTER_SANITIZE_MAGIC_QUOTES); //= error
        return $a . $b . $c . $d . $e . $f;
    }

    public function overload()
    {
        if (MB_OVERLOAD_STRING & 2) { //= error
            return self::MB_OVERLOAD_STRING; //= clean
        }
        return Legacy::MB_OVERLOAD_MAIL | static::INPUT_REQUEST | Flags::FILTER_SANITIZE_MAGIC_QUOTES; //= clean
    }

    public function idn($host)
    {
        return idn_to_ascii($host, IDNA_DEFAULT, INTL_IDNA_VARIANT_2003); //= error
    }

    public function idnNow($host)
    {
        return idn_to_ascii($host, IDNA_DEFAULT, INTL_IDNA_VARIANT_UTS46); //= clean
    }

    public function normal($text)
    {
        $a = \Normalizer::normalize($text, \Normalizer::NONE); //= error
        $b = \Normalizer::normalize($text, \Normalizer::FORM_C); //= clean
        $c = Normalizer::NONE; //= clean
        return $a . $b . $c;
    }

    public function zip()
    {
        return array(\ZipArchive::OPSYS_Z_CPM, 1); //= error
    }

    public function zipNow()
    {
        return \ZipArchive::OPSYS_CPM; //= clean
    }

    public function asserts()
    {
        assert_options(ASSERT_QUIET_EVAL, 1); //= error
        assert_options(ASSERT_ACTIVE, 1); //= clean
    }

    public function files($file)
    {
        $rows = file($file, FILE_TEXT | FILE_IGNORE_NEW_LINES); //= warning
        $raw = file_put_contents($file, 'x', FILE_BINARY); //= warning
        $ok = file($file, FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES); //= clean
        return array($rows, $raw, $ok);
    }

    public function sockets()
    {
        return AI_IDN_ALLOW_UNASSIGNED | \AI_IDN_USE_STD3_ASCII_RULES; //= error
    }

    public function fetch(\PDOStatement $s)
    {
        return $s->fetchAll(\PDO::FETCH_SERIALIZE); //= warning
    }

    public function fetchNow(\PDOStatement $s)
    {
        return $s->fetchAll(\PDO::FETCH_ASSOC); //= clean
    }

    public function arrays($row)
    {
        $row['INPUT_REQUEST'] = 1; //= clean
        $row['FILE_TEXT'] = $this->FILE_TEXT ?? null; //= clean
        return 'FILTER_SANITIZE_STRING'; //= clean
    }

    public function pg()
    {
        return PGSQL_LIBPQ_VERSION_STR; //= warning
    }
}

class Normalizer //= clean
{
    const NONE = 1; //= clean
}

