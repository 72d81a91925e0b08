<?php // corpus: to=8.2

$pair = call_user_func('each', $list); //= error
$pair = call_user_func_array('money_format', array('%n', 1)); //= error
$rows = array_map('utf8_encode', $rows); //= warning
$rows = array_map('trim', $rows); //= clean
$rows = array_map('\utf8_decode', $rows); //= warning
usort($rows, 'strcmp'); //= clean
$ok = array_filter($rows, 'is_real'); //= error
$ok = array_filter($rows, 'is_float'); //= clean
array_walk($rows, 'mysql_real_escape_string'); //= error
array_walk($rows, array('Db', 'mysql_real_escape_string')); //= clean
array_walk($rows, 'Db::each'); //= clean
ob_start('ob_gzhandler'); //= clean
register_shutdown_function('mysql_close'); //= error
register_shutdown_function(array($this, 'close')); //= clean
$label = in_array('each', $names); //= clean
$text = str_replace('each', 'all', $text); //= clean
$fn = 'each'; //= clean
set_error_handler('my_handler'); //= clean

class Table extends Base_Table
{
    public static function rows() { return array(); }

    public function run()
    {
        call_user_func('self::rows'); //= warning
        call_user_func('parent::rows'); //= warning
        call_user_func('static::rows'); //= warning
        call_user_func(array('self', 'rows')); //= warning
        call_user_func(array('static', 'rows')); //= warning
        call_user_func(array($this, 'self::rows')); //= warning
        call_user_func('Table::rows'); //= clean
        call_user_func(array('Table', 'rows')); //= clean
        call_user_func(array(__CLASS__, 'rows')); //= clean
        call_user_func(array($this, 'rows')); //= clean
        call_user_func([static::class, 'rows']); //= clean
        array_map(['self', 'rows'], []); //= warning
        usort($GLOBALS['x'], ['parent', 'cmp']); //= warning
        $x = array('self', 'rows'); //= clean
        $y = 'self::rows'; //= clean
        return array($x, $y);
    }
}
