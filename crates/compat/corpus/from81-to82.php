<?php // corpus: to=8.2 from=8.1

class Report extends Base_Report
{
    private array $rows = [];

    public function run($x)
    {
        $a = utf8_decode($x); //= warning
        $a = "a ${x}"; //= warning
        $a = mb_convert_encoding($x, 'HTML-ENTITIES'); //= warning
        $a = call_user_func('self::rows'); //= warning
        $a = call_user_func(['parent', 'rows']); //= warning
        $a = each($x); //= clean
        $a = htmlspecialchars($x); //= clean
        $a = implode($this->rows, ','); //= clean
        $a = is_resource(ftp_connect($x)); //= clean
        $a = mysql_error(); //= clean
        $a = FILTER_FLAG_SCHEME_REQUIRED; //= clean
        $a = 'Sum ' . $a + 1; //= clean
        $a = ini_set('mysqlnd.fetch_data_copy', 1); //= clean
        $a = get_class(); //= clean
        return $a;
    }

    public function count() { return 0; } //= clean
}
