<?php // corpus: to=8.2
/* vim: set expandtab tabstop=4 shiftwidth=4: */
require_once 'PEAR.php';

define('FILE_CSV_VERSION', '0.3', true); //= warning
define('FILE_CSV_DEBUG', false); //= clean

class File_CSV_Reader extends PEAR
{
    var $_file;
    var $_handle;
    var $_options = array();

    function File_CSV_Reader($file, $options = array()) //= error
    {
        $this->PEAR(); //= clean
        $this->_file = $file;
        $this->_options = $options;
        $this->_handle = fopen($file, 'r');
    }

    function &factory($driver)
    {
        $class = 'File_CSV_' . $driver;
        @include_once 'File/CSV/' . $driver . '.php'; //= clean
        if (!class_exists($class)) { //= clean
            return PEAR::raiseError('no driver ' . $driver); //= clean
        }
        $obj = new $class(); //= clean
        return $obj;
    }

    function _File_CSV_Reader()
    {
        if (is_resource($this->_handle)) { //= clean
            fclose($this->_handle); //= clean
        }
    }

    function read()
    {
        $line = fgets($this->_handle, 4096);
        if (ereg('^#', $line)) { //= error
            return $this->read(); //= clean
        }
        set_magic_quotes_runtime(0); //= error
        $fields = array();
        foreach (split($this->_options['sep'], $line) as $field) { //= error
            $fields[] = trim($field, '"'); //= clean
        }
        reset($fields);
        while (list($i, $f) = each($fields)) { //= error
            $fields[$i] = eregi_replace('[\r\n]', '', $f); //= error
        }
        return $fields;
    }

    function raw()
    {
        return trim($GLOBALS['HTTP_RAW_POST_DATA']); //= error
    }

    function isError($value)
    {
        return is_object($value) && is_a($value, 'PEAR_Error'); //= clean
    }

    function check($value)
    {
        if (File_CSV_Reader::isError($value)) { //= clean
            return File_CSV_Util::quote($value); //= error
        }
        return File_CSV_Util::escape($value); //= clean
    }
}

class File_CSV_Util
{
    function quote($v)
    {
        return '"' . $v . '"';
    }

    public static function escape($v)
    {
        return addslashes($v); //= clean
    }
}
