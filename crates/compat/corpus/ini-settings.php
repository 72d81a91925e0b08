<?php // corpus: to=8.2

// config.inc.php of an old webmailer
ini_set('display_errors', 0); //= clean
ini_set('track_errors', 1); //= error
ini_set('asp_tags', 'off'); //= error
ini_set('always_populate_raw_post_data', -1); //= error
ini_set("xsl.security_prefs", 0); //= error
ini_set('session.entropy_file', '/dev/urandom'); //= error
ini_set('session.entropy_length', 32); //= error
ini_set('session.hash_function', 'sha256'); //= error
ini_set('session.hash_bits_per_character', 5); //= error
ini_set('session.cookie_httponly', 1); //= clean
ini_set('session.sid_length', 48); //= clean
ini_set('sql.safe_mode', false); //= error
@ini_set('mbstring.func_overload', '0'); //= error
\ini_set('assert.quiet_eval', true); //= error
ini_set('assert.active', 0); //= clean
Ini_Set('pdo_odbc.db2_instance_name', 'db2inst1'); //= error
ini_set('mysqlnd.fetch_data_copy', 1); //= error
ini_set('auto_detect_line_endings', true); //= warning
@ini_set('auto_detect_line_endings', '1'); //= warning
ini_set('filter.default', 'unsafe_raw'); //= warning
ini_set('memory_limit', '256M'); //= clean
ini_alter('track_errors', 0); //= error
ini_alter('display_errors', 1); //= clean
ini_restore('error_log'); //= clean
ini_set('opcache.consistency_checks', 0); //= clean

if (ini_get('mbstring.func_overload') & 2) { //= error
    die('func_overload'); //= clean
}
$post = ini_get('post_max_size'); //= clean
$asp = (bool) ini_get('asp_tags'); //= error
$bits = ini_get("session.hash_bits_per_character"); //= error

if (PHP_VERSION_ID < 70100) {
    ini_set('session.entropy_length', 32); //= clean
}
if (version_compare(PHP_VERSION, '8.0', '<')) {
    @ini_set('track_errors', 1); //= clean
    $over = ini_get('mbstring.func_overload'); //= clean
}
$over = PHP_VERSION_ID < 80000 ? (int) ini_get('mbstring.func_overload') : 0; //= clean
$over = PHP_VERSION_ID < 80000 && ini_get('mbstring.func_overload') & 2; //= clean

class Config
{
    private $values = array('track_errors' => 1, 'asp_tags' => 0); //= clean

    public function ini_set($name, $value)
    {
        $this->values[$name] = $value;
        return $this;
    }

    public static function ini_get($name)
    {
        return $name;
    }

    public function apply()
    {
        foreach ($this->values as $name => $value) {
            ini_set($name, $value); //= clean
        }
        $this->ini_set('track_errors', 1)->ini_set('asp_tags', 1); //= clean
        Config::ini_get('mbstring.func_overload'); //= clean
        return get_cfg_var('asp_tags_of_mine'); //= clean
    }
}

$ini = <<<INI
track_errors = On //= clean
asp_tags = On //= clean
INI;
echo 'Please set ini_set("track_errors", 1)'; //= clean
ini_set('myapp.track_errors', 1); //= clean
ini_set('track_error', 1); //= clean
ini_set($prefix . 'asp_tags', 1); //= clean
