<?php // corpus: to=8.2

// bootstrap of a content management system, PHP 5.x
if (get_magic_quotes_gpc()) { //= error
    $_GET = array_map('stripslashes', $_GET); //= clean
    $_POST = array_map('stripslashes', $_POST);
}
if (get_magic_quotes_runtime()) { //= error
    die('switch magic_quotes_runtime off'); //= clean
}
if (function_exists('get_magic_quotes_gpc') && get_magic_quotes_gpc()) { //= clean
    $_COOKIE = array_map('stripslashes', $_COOKIE);
}
$quotes = function_exists('get_magic_quotes_gpc') ? get_magic_quotes_gpc() : false; //= clean
$quotes = !function_exists('get_magic_quotes_gpc') || get_magic_quotes_gpc(); //= clean
$quotes = function_exists('get_magic_quotes_gpc') || get_magic_quotes_gpc(); //= error
$quotes = (function_exists('get_magic_quotes_gpc') and get_magic_quotes_gpc()) ? 'on' : 'off'; //= clean
$quotes = !(function_exists('get_magic_quotes_gpc')) ? false : get_magic_quotes_gpc(); //= clean

setlocale(LC_MONETARY, 'en_US.UTF-8'); //= clean
$price = money_format('%.2n', 1234.5); //= error
$price = number_format(1234.5, 2); //= clean
$rtl = hebrevc($text); //= error
$rtl = hebrev($text); //= clean
$koi = convert_cyr_string($text, 'k', 'w'); //= error
$koi = iconv('KOI8-R', 'CP1251', $text); //= clean
$list = ezmlm_hash('someone@example.com'); //= error
restore_include_path(); //= error
ini_restore('include_path'); //= clean
if (is_real($price)) { //= error
    $price = round($price, 2);
}
if (is_float($price)) { //= clean
    $price = floatval($price); //= clean
}

$fp = fopen('import.html', 'r');
while (!feof($fp)) {
    $line = fgetss($fp, 4096, '<b>'); //= error
    $line = strip_tags(fgets($fp, 4096)); //= clean
}
$gz = gzopen('import.html.gz', 'r');
$line = gzgetss($gz, 4096); //= error
$line = gzgets($gz, 4096); //= clean

$exif = read_exif_data('photo.jpg'); //= error
$exif = exif_read_data('photo.jpg'); //= clean
$random = gmp_random(5); //= error
$random = gmp_random_bits(128); //= clean
png2wbmp('a.png', 'a.wbmp', 10, 10, 5); //= error
jpeg2wbmp('a.jpg', 'a.wbmp', 10, 10, 5); //= error
image2wbmp($image, 'a.wbmp'); //= error
imagewbmp($image, 'a.wbmp'); //= clean

ldap_sort($ldap, $entries, 'sn'); //= error
ldap_control_paged_result($ldap, 100, true, $cookie); //= error
ldap_control_paged_result_response($ldap, $entries, $cookie); //= error
$mail = imap_header($mbox, 1); //= error
$mail = imap_headerinfo($mbox, 1); //= clean

mbregex_encoding('UTF-8'); //= error
mb_regex_encoding('UTF-8'); //= clean
if (mbereg('a', $text)) { //= error
    $text = mbereg_replace('a', 'b', $text); //= error
    $text = mberegi_replace('a', 'b', $text); //= error
}
if (mb_ereg('a', $text)) { //= clean
    $text = mb_ereg_replace('a', 'b', $text); //= clean
}
$words = mbsplit(' ', $text); //= error
$words = mb_split(' ', $text); //= clean
mbereg_search_init($text, 'a'); //= error
while (mbereg_search()) { //= error
    $regs = mbereg_search_getregs(); //= error
    $pos = mbereg_search_getpos(); //= error
}
