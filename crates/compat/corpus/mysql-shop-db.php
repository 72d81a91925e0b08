<?php // corpus: to=8.2
/*
 * includes/functions/database.php of an old shop: the whole of ext/mysql
 */

function shop_db_connect($server = DB_SERVER, $username = DB_USER, $password = DB_PASS, $database = DB_NAME, $link = 'db_link')
{
    global $$link;

    if (USE_PCONNECT == 'true') {
        $$link = mysql_pconnect($server, $username, $password); //= error
    } else {
        $$link = mysql_connect($server, $username, $password); //= error
    }

    if ($$link) {
        mysql_select_db($database); //= error
    }

    return $$link;
}

function shop_db_close($link = 'db_link')
{
    global $$link;
    return mysql_close($$link); //= error
}

function shop_db_error($query, $errno, $error)
{
    die('<b>' . $errno . ' - ' . $error . '</b><br>' . $query); //= clean
}

function shop_db_query($query, $link = 'db_link')
{
    global $$link;

    if (defined('STORE_DB_TRANSACTIONS') && (STORE_DB_TRANSACTIONS == 'true')) {
        error_log('QUERY ' . $query . "\n", 3, STORE_PAGE_PARSE_TIME_LOG);
    }

    $result = mysql_query($query, $$link) or shop_db_error($query, mysql_errno(), mysql_error()); //= error

    if (defined('STORE_DB_TRANSACTIONS')) {
        $result_error = mysql_error(); //= error
        error_log('RESULT ' . $result . ' ' . $result_error . "\n", 3, STORE_PAGE_PARSE_TIME_LOG);
    }

    return $result;
}

function shop_db_perform($table, array $data, $action = 'insert', $parameters = '')
{
    $columns = array();
    $values = array();
    foreach ($data as $column => $value) {
        $columns[] = $column;
        switch ((string) $value) {
            case 'now()':
                $values[] = 'now()';
                break;
            case 'null':
                $values[] = 'null';
                break;
            default:
                $values[] = "'" . shop_db_input($value) . "'"; //= clean
                break;
        }
    }
    return shop_db_query('insert into ' . $table . ' (' . implode(', ', $columns) . ') values (' . implode(', ', $values) . ')'); //= clean
}

function shop_db_fetch_array($db_query)
{
    return mysql_fetch_array($db_query, MYSQL_ASSOC); //= error
}

function shop_db_fetch_row_numeric($db_query)
{
    return mysql_fetch_array( //= error
        $db_query,
        MYSQL_NUM //= error
    );
}

function shop_db_num_rows($db_query)
{
    return mysql_num_rows($db_query); //= error
}

function shop_db_data_seek($db_query, $row_number)
{
    return mysql_data_seek($db_query, $row_number); //= error
}

function shop_db_insert_id($link = 'db_link')
{
    global $$link;
    return mysql_insert_id($$link); //= error
}

function shop_db_free_result($db_query)
{
    return mysql_free_result($db_query); //= error
}

function shop_db_fetch_fields($db_query)
{
    return mysql_fetch_field($db_query); //= error
}

function shop_db_output($string)
{
    return htmlspecialchars($string, ENT_QUOTES, 'UTF-8'); //= clean
}

function shop_db_input($string, $link = 'db_link')
{
    global $$link;
    return Mysql_Real_Escape_String($string, $$link); //= error
}

function shop_db_affected_rows($link = 'db_link')
{
    global $$link;
    return \mysql_affected_rows($$link); //= error
}

function shop_db_server_info($link = 'db_link')
{
    global $$link;
    return @mysql_get_server_info($$link); //= error
}

function shop_db_list(array $ids)
{
    return array_map(function ($id) {
        $r = mysql_query('SELECT name FROM products WHERE id = ' . (int) $id); //= error
        return mysql_result($r, 0, 'name'); //= error
    }, $ids);
}

function shop_db_charset($link)
{
    return function_exists('mysql_set_charset') ? mysql_set_charset('utf8', $link) : false; //= clean
}
