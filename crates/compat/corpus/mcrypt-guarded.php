<?php // corpus: to=8.2

namespace Shop\Security;

use RuntimeException;

/**
 * Encrypts with openssl where it is there; mcrypt_encrypt() is for old hosts. //= clean
 */
class Encryptor
{
    const MCRYPT_MODE_CBC = 'cbc'; //= clean

    private $useMcrypt;

    public function __construct()
    {
        $this->useMcrypt = \function_exists('mcrypt_encrypt'); //= clean
    }

    public function random($length)
    {
        if (function_exists('random_bytes')) { //= clean
            return random_bytes($length); //= clean
        }

        if (function_exists('mcrypt_create_iv')) { //= clean
            return mcrypt_create_iv($length, MCRYPT_DEV_URANDOM); //= clean
        }

        if (\extension_loaded('mcrypt') && \defined('MCRYPT_RAND')) { //= clean
            $iv = \mcrypt_create_iv($length, \MCRYPT_RAND); //= clean
            return $iv;
        }

        throw new RuntimeException('no randomness');
    }

    public function mode()
    {
        return self::MCRYPT_MODE_CBC; //= clean
    }

    public function cipher()
    {
        if (defined('MCRYPT_RIJNDAEL_128')) {
            return MCRYPT_RIJNDAEL_128; //= clean
        }
        return 'aes-128-cbc';
    }

    public function old($text, $key)
    {
        if (!extension_loaded('mcrypt')) {
            throw new RuntimeException('The mcrypt extension is needed for this'); //= clean
        }

        $iv = mcrypt_create_iv(16); //= clean
        return mcrypt_encrypt(MCRYPT_RIJNDAEL_128, $key, $text, MCRYPT_MODE_CBC, $iv); //= clean
    }

    public function either($text, $key)
    {
        if (PHP_VERSION_ID >= 70200) {
            return openssl_encrypt($text, 'aes-128-cbc', $key); //= clean
        } else {
            return mcrypt_encrypt(MCRYPT_RIJNDAEL_128, $key, $text, MCRYPT_MODE_CBC); //= clean
        }
    }

    public function wrongOrder($text, $key)
    {
        if (PHP_VERSION_ID >= 70200) {
            return mcrypt_encrypt('rijndael-128', $key, $text, 'cbc'); //= error
        }
        return openssl_encrypt($text, 'aes-128-cbc', $key);
    }

    public function afterwards($key)
    {
        if (extension_loaded('mcrypt')) {
            $size = mcrypt_get_key_size('rijndael-128', 'cbc'); //= clean
        }
        $size = mcrypt_get_key_size('rijndael-128', 'cbc'); //= error
        return substr($key, 0, $size);
    }

    public function mcrypt_decrypt($text) //= clean
    {
        return $this->mcrypt_decrypt($text); //= clean
    }
}

$names = ['mcrypt_encrypt', 'mcrypt_decrypt']; //= clean
foreach ($names as $name) {
    if (function_exists($name)) {
        echo "$name is there\n"; //= clean
    }
}
