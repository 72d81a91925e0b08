<?php // corpus: to=8.2

function sanitize($value)
{
    $a = trim(null); //= warning
    $a = trim(''); //= clean
    $a = trim($value); //= clean
    $a = str_replace('a', 'b', null); //= warning
    $a = str_replace('a', 'b', $value); //= clean
    $n = strlen(NULL); //= warning
    $n = strlen((string) $value); //= clean
    $p = explode(',', null); //= warning
    $p = explode(',', $value, PHP_INT_MAX); //= clean
    $f = in_array(null, array(1, 2)); //= clean
    $f = json_encode(null); //= clean
    $f = json_decode(null); //= warning
    $f = json_decode('null', true); //= clean
    $f = is_null(null); //= clean
    $f = var_export(null, true); //= clean
    $f = array_filter(array(null)); //= clean
    $f = strpos('abc', null); //= warning
    $f = number_format(null); //= warning
    $f = htmlspecialchars(null, ENT_QUOTES); //= warning
    $f = md5(null); //= warning
    $f = hash('sha256', 'x' . null); //= clean
    $f = file_exists(null); //= warning
    $f = array_search(null, array(null)); //= clean
    $f = call_user_func('strlen', 'x'); //= clean
    $f = setcookie('session', null, time() - 3600); //= warning
    $f = setcookie('session', '', time() - 3600); //= clean
    $f = define('NOTHING', null); //= clean
    $f = date('Y', null); //= clean
    $f = array_key_exists('x', array('x' => null)); //= clean
    $f = max(null, 1); //= clean
    $f = substr('abc', 1, null); //= clean
    $f = mb_substr('abc', 1, null, 'UTF-8'); //= clean
    $f = array_slice(array(1), 0, null); //= clean
    $f = print_r(null, true); //= clean
    $f = own_trim(null); //= clean
    return array($a, $n, $p, $f);
}

function own_trim($text = null)
{
    return $text === null ? '' : trim($text); //= clean
}

class Text
{
    public function trim($text) { return $text; }
    public static function strlen($text) { return 0; }
}

$t = new Text();
$t->trim(null); //= clean
Text::strlen(null); //= clean
$u = mb_strtolower(null); //= warning
$u = urlencode(null); //= warning
$u = strtotime(null); //= warning
$u = base64_decode(null); //= warning
$u = preg_match('/a/', null); //= warning
$u = preg_match('/a/', 'a', $m); //= clean
mail('a@example.com', 'subject', 'body', null); //= warning
mail('a@example.com', 'subject', 'body'); //= clean
