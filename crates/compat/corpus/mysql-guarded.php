<?php // corpus: to=8.2
// A database layer that picks its driver; ext/mysql is only touched where it is there.

class Legacy_Db
{
    /** @var resource|object|null */
    private $link;
    private $driver;
    public $mysql_query = 0;
    public $lastError = '';

    public function __construct($host, $user, $password)
    {
        if (extension_loaded('mysqli')) {
            $this->driver = 'mysqli'; //= clean
        } elseif (extension_loaded('mysql')) { //= clean
            $this->driver = 'mysql';
            $this->link = mysql_connect($host, $user, $password); //= clean
        } else {
            throw new RuntimeException('no MySQL driver');
        }
    }

    public function query($sql)
    {
        $this->mysql_query++; //= clean
        if ($this->driver === 'mysql' && function_exists('mysql_query')) {
            $result = mysql_query($sql, $this->link); //= clean
            if ($result === false) {
                $this->lastError = mysql_error($this->link); //= clean
            }
            return $result;
        }
        return mysqli_query($this->link, $sql); //= clean
    }

    public function escape($text)
    {
        if (!function_exists('mysql_real_escape_string')) {
            return mysqli_real_escape_string($this->link, $text); //= clean
        }
        return mysql_real_escape_string($text, $this->link); //= clean
    }

    public function close()
    {
        if (function_exists('mysql_close')) {
            return mysql_close($this->link); //= clean
        }
        return mysql_close($this->link); //= error
    }

    public function escapeLoose($text)
    {
        if (function_exists('mysql_escape_string') || $text === '') {
            return mysql_escape_string($text); //= error
        }
        return addslashes($text);
    }

    public function charset($name)
    {
        return function_exists('mysql_set_charset')
            ? mysql_set_charset($name, $this->link) //= clean
            : mysqli_set_charset($this->link, $name); //= clean
    }

    public function info()
    {
        $version = function_exists('mysql_get_server_info') && mysql_get_server_info($this->link); //= clean
        return $version ?: mysql_get_client_info(); //= error
    }
}

if (!extension_loaded('mysql')) {
    define('DB_DRIVER', 'mysqli'); //= clean
} else {
    define('DB_DRIVER', 'mysql');
    mysql_select_db('shop'); //= clean
}

if (false === extension_loaded('mysql')) {
    $rows = array();
} else {
    $rows = mysql_fetch_row(mysql_query('SELECT 1')); //= clean
}

if (extension_loaded('mysqlnd')) {
    mysql_query('SET NAMES utf8'); //= error
}
if (function_exists('mysqli_connect')) {
    mysql_query('SET NAMES utf8'); //= error
}

if (function_exists('mysql_connect') === false) {
    mysql_connect('localhost'); //= error
}

if (defined('MYSQL_ASSOC')) {
    $mode = MYSQL_ASSOC; //= clean
} else {
    $mode = MYSQLI_ASSOC; //= clean
}
$other = defined('MYSQL_BOTH') ? MYSQL_BOTH : 3; //= clean
$third = MYSQL_BOTH; //= error
