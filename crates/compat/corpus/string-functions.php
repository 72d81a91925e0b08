<?php // corpus: to=8.2

function find($text, $needle)
{
    $p = strpos($text, 65); //= warning
    $p = strpos($text, 'A'); //= clean
    $p = strpos($text, chr(65)); //= clean
    $p = strrpos($text, 10); //= warning
    $p = stripos($text, 0x41); //= warning
    $p = strstr($text, 64); //= warning
    $p = strrchr($text, 47); //= warning
    $p = strrchr($text, '/'); //= clean
    $p = strpos($text, (string) 65); //= clean
    $p = strpos($text, $needle, 3); //= clean
    $p = substr($text, 65); //= clean
    $p = str_repeat($text, 3); //= clean
    $p = vsprintf('%s', 'x'); //= error
    $p = vsprintf('%s', array('x')); //= clean
    $p = vsprintf('%s', $needle); //= clean
    vprintf('%d', 5); //= error
    vprintf('%d', [5]); //= clean
    $h = hash_hmac('crc32b', $text, 'k'); //= error
    $h = hash_hmac('adler32', $text, 'k'); //= error
    $h = hash_hmac('sha256', $text, 'k'); //= clean
    $h = hash('crc32b', $text); //= clean
    $h = hash_pbkdf2('fnv132', $text, 'salt', 1000); //= error
    $h = hash_pbkdf2('sha1', $text, 'salt', 1000); //= clean
    assert('$p > 0'); //= warning
    assert($p > 0); //= clean
    assert("is_int(\$p)"); //= warning
    assert(is_int($p), 'position'); //= clean
    assert(true, 'x'); //= clean
    $d = ctype_digit(5); //= warning
    $d = ctype_digit('5'); //= clean
    $d = ctype_alpha(65); //= warning
    $d = ctype_alpha($text); //= clean
    $d = is_numeric(5); //= clean
    return array($p, $h, $d);
}
