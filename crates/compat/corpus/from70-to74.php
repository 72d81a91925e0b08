<?php // corpus: to=7.4 from=7.0

class Batch
{
    private $rows = array();

    public function run($text)
    {
        $a = mysql_query($text); //= clean
        $a = ereg('a', $text); //= clean
        $a = mcrypt_create_iv(16); //= error
        $a = MCRYPT_RIJNDAEL_128; //= error
        $a = each($this->rows); //= warning
        $a = create_function('', ''); //= warning
        $a = money_format('%n', 1); //= warning
        $a = get_magic_quotes_gpc(); //= warning
        $a = implode($this->rows, ','); //= warning
        $a = ibase_query('x'); //= error
        $a = wddx_deserialize($text); //= error
        $a = ini_set('session.hash_function', 1); //= error
        $a = ini_set('asp_tags', 1); //= clean
        $a = preg_replace('/a/e', 'b', $text); //= clean
        $a = $$text['x']; //= clean
        $a = 1 >> -1; //= clean
        $a = strftime('%Y'); //= clean
        $a = utf8_encode($text); //= clean
        $a = parse_str($text); //= warning
        $a = gmp_random(1); //= warning
        $a = assert('$a'); //= warning
        $a = read_exif_data('x'); //= warning
        $a = INTL_IDNA_VARIANT_2003; //= warning
        $a = FILTER_FLAG_HOST_REQUIRED; //= warning
        $a = count('abc'); //= warning
        $a = strpos($text, 3); //= warning
        $a = fgetss(STDIN); //= warning
        $a = $HTTP_RAW_POST_DATA; //= clean
        $a = xmlrpc_encode(1); //= clean
        return $a;
    }
}
