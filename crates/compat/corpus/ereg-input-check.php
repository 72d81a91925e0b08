<?php // corpus: to=8.2

/** Input checks of an in-house admin tool (2004). */

function is_email($address)
{
    return (bool) eregi('^[a-z0-9._-]+@[a-z0-9.-]+\.[a-z]{2,4}$', $address); //= error
}

function is_zip($zip, $country = 'DE')
{
    switch ($country) {
        case 'DE':
            return ereg('^[0-9]{5}$', $zip); //= error
        case 'GB':
            return eregi('^[a-z]{1,2}[0-9]', $zip, $regs) && count($regs) > 0; //= error
        default:
            return preg_match('/^[0-9a-z -]+$/i', $zip); //= clean
    }
}

function clean_text($text)
{
    $text = ereg_replace("[\r\n]+", "\n", $text); //= error
    $text = eregi_replace('<script[^>]*>', '', $text); //= error
    $text = preg_replace('/[ \t]+/', ' ', $text); //= clean
    $text = mb_ereg_replace('[[:cntrl:]]', '', $text); //= clean
    return trim($text);
}

function date_parts($date)
{
    $stamp = strtotime($date);
    $time = spliti('h', '10H30'); //= error
    $safe = preg_split('~[/.-]~', $date); //= clean
    $easy = explode('.', $date); //= clean
    $chars = str_split($date); //= clean
    $multi = mb_split('\s', $date); //= clean
    return array($stamp, $time, $safe, $easy, $chars, $multi);
}

function ci_pattern($word)
{
    return sql_regcase($word); //= error
}

class Splitter
{
    private $pattern;

    public function __construct($pattern)
    {
        $this->pattern = $pattern;
    }

    public function split($text) //= clean
    {
        return preg_split($this->pattern, $text);
    }

    public function ereg($text) //= clean
    {
        return $this->split($text); //= clean
    }

    public static function eregi($text) //= clean
    {
        return self::ereg_replace($text, ''); //= clean
    }

    private static function ereg_replace($text, $by)
    {
        return str_replace($text, $by, $text);
    }
}

$splitter = new Splitter('/,/');
$parts = $splitter->split('a,b'); //= clean
$ok = Splitter::eregi('a'); //= clean
$checks = array('ereg' => 'POSIX', 'split' => true); //= clean
echo $checks['ereg'], $checks['split']; //= clean

foreach (file('import.csv') as $line) {
    $fields = explode(";", $line);
    if (EregI('total', $fields[0])) { //= error
        continue;
    }
    $sum += $fields[3];
}

if (function_exists('ereg')) {
    $hit = ereg('a', 'b'); //= clean
} else {
    $hit = preg_match('/a/', 'b'); //= clean
}

if (!function_exists('split')) {
    function split($pattern, $string, $limit = -1) //= clean
    {
        return preg_split('/' . str_replace('/', '\/', $pattern) . '/', $string, $limit);
    }
}
