<?php // corpus: to=8.2

class Crypt_Cookie
{
    const CIPHER = 'rijndael-256'; //= clean
    private $key;
    protected $module;

    public function __construct($key)
    {
        $this->key = $key;
        $this->module = mcrypt_module_open(self::CIPHER, '', 'cbc', ''); //= error
    }

    public function encrypt($plain)
    {
        $size = mcrypt_enc_get_iv_size($this->module); //= error
        $iv = mcrypt_create_iv($size, MCRYPT_DEV_URANDOM); //= error
        mcrypt_generic_init($this->module, $this->keyFor(), $iv); //= error
        $cipher = mcrypt_generic($this->module, $plain); //= error
        mcrypt_generic_deinit($this->module); //= error
        return base64_encode($iv . $cipher); //= clean
    }

    public function decrypt($text)
    {
        $raw = base64_decode($text);
        $size = mcrypt_enc_get_iv_size($this->module); //= error
        $iv = substr($raw, 0, $size);
        mcrypt_generic_init($this->module, $this->keyFor(), $iv); //= error
        $plain = mdecrypt_generic($this->module, substr($raw, $size)); //= error
        mcrypt_generic_deinit($this->module); //= error
        return rtrim($plain, "\0");
    }

    private function keyFor()
    {
        return substr(sha1($this->key), 0, mcrypt_enc_get_key_size($this->module)); //= error
    }

    public function __destruct()
    {
        if (is_resource($this->module)) {
            mcrypt_module_close($this->module); //= error
        }
    }
}

class Legacy_Encryptor
{
    public $mode = MCRYPT_MODE_ECB; //= error
    private $cipher;

    public function __construct($cipher = MCRYPT_BLOWFISH) //= error
    {
        $this->cipher = $cipher;
    }

    public function encode($text, $key)
    {
        return mcrypt_encrypt( //= error
            $this->cipher,
            $key,
            $text,
            $this->mode
        );
    }

    public function decode($text, $key)
    {
        $plain = \mcrypt_decrypt($this->cipher, $key, $text, $this->mode); //= error
        return preg_replace('/\0+$/', '', $plain);
    }

    public function available()
    {
        return in_array('blowfish', mcrypt_list_algorithms()) //= error
            && in_array('ecb', mcrypt_list_modes()); //= error
    }
}

$defaults = array(
    'cipher' => MCRYPT_RIJNDAEL_128, //= error
    'mode' => MCRYPT_MODE_CBC, //= error
    'rand' => MCRYPT_RAND, //= error
    'name' => 'MCRYPT_RIJNDAEL_256', //= clean
    'hash' => MHASH_MD5, //= clean
);
$size = mcrypt_get_iv_size(MCRYPT_TRIPLEDES, 'ecb'); //= error
$token = bin2hex(openssl_random_pseudo_bytes(16)); //= clean
$crypt = crypt('secret', '$2y$10$abcdefghijklmnopqrstuv'); //= clean
