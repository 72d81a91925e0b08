<?php // corpus: to=8.2

namespace Vendor\Compat;

final class Compat
{
    private static $canEach;

    public static function pair(array &$a)
    {
        if (\function_exists('each')) {
            return \each($a); //= clean
        }
        return \each($a); //= error
    }

    public static function pair2(array &$a)
    {
        if (!\function_exists('each')) {
            return array(\key($a), \current($a)); //= clean
        } else {
            return \each($a); //= clean
        }
    }

    public static function pair3(array &$a)
    {
        if (!\function_exists('each')) {
            return \each($a); //= error
        }
        return \each($a); //= clean
    }

    public static function pair4(array &$a)
    {
        if (function_exists('each') == false) {
            return null;
        }
        return each($a); //= clean
    }

    public static function pair5(array &$a)
    {
        if (function_exists('each') === true) {
            return each($a); //= clean
        }
        return null;
    }

    public static function pair6(array &$a)
    {
        if (function_exists('EACH')) {
            $x = Each($a); //= clean
        } elseif (function_exists('array_walk')) {
            $x = each($a); //= error
        }
        return $x;
    }

    public static function nested(array &$a)
    {
        if (function_exists('each')) {
            if (count($a) > 1) {
                foreach ($a as $b) {
                    each($b); //= clean
                }
            }
            $f = function () use ($a) {
                return each($a); //= clean
            };
            return $f();
        }
        if (count($a) > 1) {
            return each($a); //= error
        }
    }

    public static function ternary(array &$a)
    {
        $x = function_exists('each') ? each($a) : false; //= clean
        $y = !function_exists('each') ? false : each($a); //= clean
        $z = function_exists('each') ? false : each($a); //= error
        $w = function_exists('each') && count($a) ? each($a) : null; //= clean
        $v = function_exists('each') || count($a) ? each($a) : null; //= error
        return array($x, $y, $z, $w, $v);
    }

    public static function shortCircuit(array &$a)
    {
        function_exists('each') && each($a); //= clean
        function_exists('each') and each($a); //= clean
        !function_exists('each') || each($a); //= clean
        function_exists('each') or each($a); //= error
        !function_exists('each') && each($a); //= error
        count($a) && function_exists('each') && each($a); //= clean
        count($a) && each($a) && function_exists('each'); //= error
        is_callable('each') && each($a); //= clean
    }

    public static function early($pdf)
    {
        if (!function_exists('utf8_decode')) { //= clean
            return $pdf;
        }

        if (!is_callable('money_format')) {
            return $pdf;
        }
        return money_format('%n', 3); //= clean
    }

    public static function constants()
    {
        $flags = 0;
        if (defined('FILTER_SANITIZE_MAGIC_QUOTES')) {
            $flags |= FILTER_SANITIZE_MAGIC_QUOTES; //= clean
        }
        if (!defined('FILTER_FLAG_HOST_REQUIRED')) {
            $flags |= 1;
        } else {
            $flags |= FILTER_FLAG_HOST_REQUIRED; //= clean
        }
        $flags |= defined('FILTER_FLAG_SCHEME_REQUIRED') ? FILTER_FLAG_SCHEME_REQUIRED : 0; //= clean
        $flags |= \defined('MB_OVERLOAD_STRING') ? \MB_OVERLOAD_STRING : 2; //= clean
        $flags |= FILTER_FLAG_SCHEME_REQUIRED; //= error
        if (defined('FILTER_FLAG_PATH_REQUIRED')) {
            $flags |= FILTER_FLAG_HOST_REQUIRED; //= error
        }
        if (defined('INTL_IDNA_VARIANT_2003')) {
            return idn_to_ascii('ü.de', 0, INTL_IDNA_VARIANT_2003); //= clean
        }
        return idn_to_ascii('ü.de', 0, defined('INTL_IDNA_VARIANT_UTS46') ? INTL_IDNA_VARIANT_UTS46 : 0); //= clean
    }

    public static function classes()
    {
        if (class_exists('DOMNameList')) {
            return new \DOMNameList(); //= clean
        }
        if (!class_exists('DOMConfiguration', false)) {
            return null;
        }
        return new \DOMConfiguration(); //= clean
    }

    public static function extensions($text)
    {
        if (extension_loaded('recode')) {
            return recode_string('latin1..utf8', $text); //= clean
        }
        if (extension_loaded('mbstring')) {
            return mbereg_replace('a', 'b', $text); //= error
        }
        if (!extension_loaded('wddx')) {
            throw new \RuntimeException('wddx is not there');
        }
        return wddx_deserialize($text); //= clean
    }

    public static function boot()
    {
        self::$canEach = function_exists('each'); //= clean
        return in_array('each', get_defined_functions()['internal'], true); //= clean
    }

    public static function tryIt(array $a)
    {
        try {
            return each($a); //= error
        } catch (\Exception $e) {
            return null;
        }
    }
}
