<?php // corpus: to=8.2

/**
 * Core of a content management system: request, session, cache, mail. 2006-2014.
 */
class Cms_Core
{
    var $db = null;
    var $lang = array();
    var $cache_dir = './cache';

    function Cms_Core() //= error
    {
        set_magic_quotes_runtime(0); //= error
        $this->sanitizeGlobals();
        $this->started = microtime(true); //= warning
    }

    function sanitizeGlobals()
    {
        if (get_magic_quotes_gpc()) { //= error
            $in = array(&$_GET, &$_POST, &$_COOKIE); //= clean
            while (list($k, $v) = each($in)) { //= error
                foreach ($v as $key => $val) {
                    $in[$k][$key] = stripslashes($val); //= clean
                }
            }
            unset($in); //= clean
        }
        ini_set('session.hash_function', 1); //= error
        ini_set('track_errors', 'on'); //= error
    }

    function url($params)
    {
        $pairs = array();
        foreach ($params as $k => $v) {
            $pairs[] = "${k}=" . urlencode($v); //= warning
        }
        return 'index.php?' . implode($pairs, '&amp;'); //= error
    }

    function log($message)
    {
        $line = strftime('%Y-%m-%d %H:%M:%S') . " [$_SERVER[REMOTE_ADDR]] $message\n"; //= warning
        error_log($line, 3, $this->cache_dir . '/log'); //= clean
        return $this->count + 1; //= clean
    }

    var $count = 0;

    function replaceTags($html)
    {
        $html = preg_replace('/\{LANG:(\w+)\}/e', '$this->lang["$1"]', $html); //= error
        $html = ereg_replace('\{[A-Z_]+\}', '', $html); //= error
        return preg_replace_callback('/\{URL:(\w+)\}/', array($this, 'url'), $html); //= clean
    }

    function decrypt($value)
    {
        $iv = mcrypt_create_iv(mcrypt_get_iv_size(MCRYPT_BLOWFISH, MCRYPT_MODE_ECB), MCRYPT_RAND); //= error
        return trim(mcrypt_decrypt(MCRYPT_BLOWFISH, 'key', base64_decode($value), MCRYPT_MODE_ECB, $iv)); //= error
    }

    function xml($text)
    {
        $parser = xml_parser_create();
        xml_set_object($parser, $this); //= clean
        xml_parse($parser, utf8_encode($text)); //= warning
        xml_parser_free($parser); //= clean
        return $php_errormsg; //= error
    }

    function sortBy($rows, $field)
    {
        $this->field = $field; //= warning
        uasort($rows, create_function('$a,$b', "return strcmp(\$a['$field'], \$b['$field']);")); //= error
        return $rows;
    }

    function price($n)
    {
        return is_real($n) ? money_format('%.2n', $n) : number_format($n, 2); //= error
    }

    function users()
    {
        $res = mysql_query('SELECT * FROM users', $this->db); //= error
        $users = array();
        while ($u = mysql_fetch_assoc($res)) { //= error
            $users[$u['id']] = $u; //= clean
        }
        return sizeof($users) ? $users : mysql_error(); //= error
    }

    function load($class)
    {
        $file = str_replace('_', '/', $class) . '.php'; //= clean
        if (file_exists($file)) {
            require_once $file; //= clean
            return call_user_method('init', $class); //= error
        }
        return assert('class_exists($class)'); //= warning
    }

    function thumb($path, $w = 100, $h) //= warning
    {
        $im = imagecreatefrompng($path);
        if (is_resource($im)) { //= warning
            png2wbmp($path, "$path.wbmp", $w, $h, 5); //= error
        }
        return read_exif_data($path); //= error
    }

    function filter($name)
    {
        return filter_input(INPUT_REQUEST, $name, FILTER_SANITIZE_STRING); //= error
    }

    function plain($name)
    {
        return filter_var($name, FILTER_SANITIZE_STRING); //= warning
    }

    function total($a, $b)
    {
        return '<b>' . $a + $b; //= warning
    }

    function hash($pw)
    {
        return array(crypt($pw), mhash(MHASH_SHA1, $pw)); //= error
    }
}
