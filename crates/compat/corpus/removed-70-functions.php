<?php // corpus: to=8.2
error_reporting(E_ALL & ~E_NOTICE); //= clean

class Mod_Controller
{
    private $handlers = array();

    public function dispatch($name, $args)
    {
        if (call_user_method($name, $this)) { //= error
            return true;
        }
        return call_user_method_array($name, $this, $args); //= error
    }

    public function dispatchNew($name, array $args)
    {
        call_user_func(array($this, $name)); //= clean
        return call_user_func_array(array($this, $name), $args); //= clean
    }

    public function call_user_method($name) //= clean
    {
        return $this->call_user_method($name); //= clean
    }

    public function start()
    {
        set_magic_quotes_runtime(0); //= error
        magic_quotes_runtime(false); //= error
        @set_magic_quotes_runtime(false); //= error
        if (function_exists('set_magic_quotes_runtime')) {
            @set_magic_quotes_runtime(0); //= clean
        }
        $fp = fsockopen('localhost', 25);
        set_socket_blocking($fp, false); //= error
        stream_set_blocking($fp, false); //= clean
        return $fp;
    }

    public function dates($formatter)
    {
        datefmt_set_timezone_id($formatter, 'Europe/Berlin'); //= error
        datefmt_set_timezone($formatter, 'Europe/Berlin'); //= clean
    }

    public function font($image)
    {
        $font = imagepsloadfont('arial.pfb'); //= error
        imagepsencodefont($font, 'IsoLatin1.enc'); //= error
        imagepsslantfont($font, 0.2); //= error
        imagepstext($image, 'text', $font, 12, 0, 1, 10, 10); //= error
        $box = imagepsbbox('text', $font, 12); //= error
        imagepsfreefont($font); //= error
        imagettftext($image, 12, 0, 10, 10, 1, 'arial.ttf', 'text'); //= clean
        return imagettfbbox(12, 0, 'arial.ttf', 'text') ?: $box; //= clean
    }
}

// Microsoft SQL Server by the old driver
$ms = mssql_connect('SQLHOST', 'sa', 'secret'); //= error
mssql_select_db('erp', $ms); //= error
$rs = mssql_query('SELECT TOP 10 * FROM Orders', $ms); //= error
while ($row = mssql_fetch_assoc($rs)) { //= error
    $proc = mssql_init('sp_ship', $ms); //= error
    mssql_bind($proc, '@id', $row['id'], SQLINT4); //= error
    mssql_execute($proc); //= error
}
echo mssql_get_last_message(); //= error
mssql_close($ms); //= error
$pd = sqlsrv_connect('SQLHOST', array('Database' => 'erp')); //= clean
$sy = sybase_connect('SYB', 'sa', ''); //= error
$rs = sybase_query('select 1', $sy); //= error
