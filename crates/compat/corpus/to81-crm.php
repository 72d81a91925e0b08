<?php // corpus: to=8.1

class Crm
{
    private $rows = array();

    public function run($t)
    {
        $x = strftime('%Y', $t); //= warning
        $x = utf8_encode('x'); //= clean
        $x = utf8_decode('x'); //= clean
        $x = "a ${t}"; //= clean
        $x = mb_convert_encoding('x', 'HTML-ENTITIES', 'UTF-8'); //= clean
        $x = trim(null); //= warning
        $x = htmlspecialchars('x'); //= warning
        $x = htmlspecialchars('x', ENT_COMPAT); //= clean
        $x = date_sunset($t); //= warning
        $x = mhash_count(); //= warning
        $x = key(new stdClass()); //= warning
        $x = filter_var('x', FILTER_SANITIZE_STRING); //= warning
        $x = ini_set('auto_detect_line_endings', 1); //= warning
        $x = ini_set('mysqlnd.fetch_data_copy', 1); //= error
        $x = mb_check_encoding(); //= warning
        $x = ctype_digit(5); //= warning
        $x = odbc_result_all($x); //= warning
        $x = FILE_BINARY; //= warning
        $x = get_class(); //= clean
        $x = call_user_func('self::run', 1); //= clean
        $this->undeclared = 1; //= clean
        $x = is_resource(ftp_connect('x')); //= warning
        $x = is_resource(finfo_open()); //= warning
        $x = is_resource(imap_open('x', 'y', 'z')); //= warning
        $x = imap_headerinfo($x, 1); //= clean
        $x = pspell_new('en'); //= clean
        $x = mysqli_ping($x); //= clean
        return $x;
    }
}

class Crm_List implements Countable, ArrayAccess
{
    public function count() { return 0; } //= warning
    public function offsetExists($o): bool { return true; } //= clean
    public function offsetGet($o) { return 1; } //= warning
    #[\ReturnTypeWillChange]
    public function offsetSet($o, $v) {} //= clean
    public function offsetUnset($o): void {} //= clean
}

class Crm_Token implements Serializable //= warning
{
    public function serialize() { return ''; }
    public function unserialize($d) { return null; }
}

array_pop($GLOBALS); //= error
sort($GLOBALS); //= error
$copy = $GLOBALS; //= clean
$GLOBALS['crm'] = new Crm(); //= clean
unset($GLOBALS['crm']); //= clean
foreach ($GLOBALS as $name => $value) { //= clean
    echo $name;
}
array_keys($GLOBALS); //= clean
extract($GLOBALS); //= clean
