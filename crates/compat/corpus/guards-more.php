<?php // corpus: to=8.2

class Runtime
{
    const MIN = '5.3.0';
    private $list = array();

    public function variable()
    {
        $has = function_exists('each');
        if ($has) {
            return each($this->list); //= clean
        }
        $old = PHP_VERSION_ID < 80000;
        if ($old) {
            return money_format('%n', 1); //= clean
        }
        return each($this->list); //= error
    }

    public function byConstant($text)
    {
        if (defined('MCRYPT_BLOWFISH')) {
            return mcrypt_encrypt(MCRYPT_BLOWFISH, 'k', $text, MCRYPT_MODE_ECB); //= clean
        }
        if (defined('PHP_VERSION_ID') && PHP_VERSION_ID < 70000) {
            return mysql_query($text); //= clean
        }
        if (!defined('PHP_VERSION_ID') || PHP_VERSION_ID < 50207) {
            return mysql_query($text); //= clean
        }
        if (!defined('SHOP_DEBUG')) {
            return mysql_query($text); //= error
        }
        return mysql_error(); //= error
    }

    public function notAGuard($text)
    {
        if (PHP_SAPI == 'cli') {
            each($text); //= error
        }
        if (function_exists('each_item')) {
            each($text); //= error
        }
        if (isset($text)) {
            each($text); //= error
        }
        if (is_array($text) && count($text)) {
            each($text); //= error
        }
        if (extension_loaded('standard')) {
            each($text); //= error
        }
        if (PHP_OS == 'Linux') {
            money_format('%n', 1); //= error
        }
        if (class_exists('PDO')) {
            mysql_query($text); //= error
        }
        if (method_exists($this, 'each')) {
            each($text); //= error
        }
        if ('each') {
            each($text); //= error
        }
        @each($text); //= error
        (each($text)); //= error
        return !each($text); //= error
    }

    public function exits()
    {
        if (!function_exists('money_format')) exit; //= clean
        echo money_format('%n', 1); //= clean
    }

    public function dies()
    {
        if (!function_exists('money_format')) {
            die('no money_format() here'); //= clean
        }
        echo money_format('%n', 1); //= clean
    }

    public function orDie()
    {
        function_exists('money_format') or die('no money'); //= clean
        echo money_format('%n', 1); //= clean
    }

    public function logsOnly()
    {
        if (!function_exists('money_format')) {
            error_log('no money_format()'); //= clean
        }
        echo money_format('%n', 1); //= error
    }

    public function bothBranchesLeave($x)
    {
        if (!function_exists('is_real')) {
            if ($x) {
                return 1;
            } else {
                throw new LogicException('x');
            }
        }
        return is_real($x); //= clean
    }

    public function oneBranchLeaves($x)
    {
        if (!function_exists('is_real')) {
            if ($x) {
                return 1;
            }
        }
        return is_real($x); //= error
    }

    public function elseifChain($x)
    {
        if (PHP_VERSION_ID >= 80000) {
            return 1;
        } elseif ($x) {
            return each($x); //= clean
        } else {
            return is_real($x); //= clean
        }
    }

    public function elseifOther($x)
    {
        if ($x) {
            return 1;
        } elseif (PHP_VERSION_ID < 80000) {
            return each($x); //= clean
        } else {
            return is_real($x); //= error
        }
    }


    public function closures()
    {
        if (!function_exists('each')) {
            return function ($a) { return key($a); }; //= clean
        }
        return function ($a) { return each($a); }; //= clean
    }

    public function other()
    {
        return each($this->list); //= error
    }

    public function nullCoalesce()
    {
        $a = function_exists('each') ? each($this->list) ?? null : null; //= clean
        return $a ?? each($this->list); //= error
    }

    public function twoGuards($x)
    {
        if (function_exists('ereg') && function_exists('split')) {
            return ereg($x, implode(',', split(',', $x))); //= clean
        }
        if (function_exists('ereg') || function_exists('split')) {
            return ereg($x, 'a'); //= clean
        }
        if (function_exists('ereg') xor true) {
            return ereg($x, 'a'); //= error
        }
    }

    public function versions($x)
    {
        if (PHP_VERSION_ID < 80100 || PHP_VERSION_ID >= 80500) {
            return strftime($x); //= clean
        }
        if (PHP_VERSION_ID > 80099) {
            return strftime($x); //= warning
        }
        if (PHP_VERSION_ID <= 80099) {
            return strftime($x); //= clean
        }
        if (PHP_VERSION_ID !== 80000) {
            return strftime($x); //= warning
        }
        if (PHP_MAJOR_VERSION <= 7 || (PHP_MAJOR_VERSION == 8 && PHP_MINOR_VERSION == 0)) {
            return strftime($x); //= clean
        }
        return null;
    }
}

if (version_compare(PHP_VERSION, Runtime::MIN, '<')) {
    die(mysql_error()); //= clean
}
if (version_compare(PHP_VERSION, '5.3.0') === -1) {
    die(mysql_error()); //= clean
}
if (version_compare(PHP_VERSION, '8.2.0', 'ge')) {
    utf8_encode('x'); //= warning
}
if (version_compare(PHP_VERSION, '8.2.0', 'lt')) {
    utf8_encode('x'); //= clean
}
if (version_compare(PHP_VERSION, '8.1.99', '>')) {
    utf8_encode('x'); //= warning
} elseif (version_compare(PHP_VERSION, '8.0.0', '>')) {
    utf8_encode('x'); //= clean
}
