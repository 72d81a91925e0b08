<?php // corpus: to=8.3

class Intranet extends Base_Page
{
    public $x;

    public function run($image)
    {
        $x = get_class(); //= warning
        $x = get_class($this); //= clean
        $x = get_parent_class(); //= warning
        $x = get_parent_class($this); //= clean
        $x = static::class . self::class; //= clean
        $x = assert_options(ASSERT_ACTIVE, 1); //= warning
        $x = ASSERT_WARNING; //= warning
        $x = assert($x); //= clean
        $x = ini_set('assert.active', 0); //= warning
        $x = ini_set('assert.exception', 0); //= warning
        $x = ini_set('opcache.consistency_checks', 0); //= error
        $x = ini_set('zend.assertions', 0); //= clean
        $x = mt_srand(3, MT_RAND_PHP); //= warning
        $x = mt_srand(3); //= clean
        $x = mt_srand(3, MT_RAND_MT19937); //= clean
        $x = ldap_connect('ldap.example', 389); //= warning
        $x = ldap_connect('ldap://ldap.example'); //= clean
        $x = imagerotate($image, 90, 0, 1); //= error
        $x = imagerotate($image, 90, 0); //= clean
        $x = mb_strimwidth('abc', 0, -1, ''); //= warning
        $x = mb_strimwidth('abc', 0, 2, ''); //= clean
        $x = range(1, 3, 0); //= error
        $x = range(1, 10, -1); //= error
        $x = range(10, 1, -1); //= clean
        $x = range('a', 'e'); //= clean
        $x = file('x', FILE_APPEND); //= error
        $x = NumberFormatter::TYPE_CURRENCY; //= warning
        $x = NumberFormatter::CURRENCY; //= clean
        $x = utf8_encode('x'); //= warning
        $x = "a ${x}"; //= warning
        $x = each($x); //= error
        $x = mysqli_ping($x); //= clean
        $x = lcg_value(); //= clean
        $x = E_STRICT; //= clean
        $x = imap_open('a', 'b', 'c'); //= clean
        return $x;
    }

    public function db(SQLite3 $db, ReflectionProperty $p)
    {
        $db->enableExceptions(false); //= warning
        $db->enableExceptions(true); //= clean
        $p->setValue(5); //= warning
        $p->setValue(null, 5); //= clean
        $p->setValue($this, 5); //= clean
    }

    public function nullable(Intranet $a = null) //= clean
    {
        return $a;
    }

    public function csv($fp)
    {
        fputcsv($fp, array(1)); //= clean
        return fgetcsv($fp); //= clean
    }
}
