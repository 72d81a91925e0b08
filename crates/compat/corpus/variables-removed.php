<?php // corpus: to=8.2

class Soap_Receiver
{
    public $php_errormsg = ''; //= clean
    private $body;

    public function read()
    {
        global $HTTP_RAW_POST_DATA; //= error

        $this->body = $HTTP_RAW_POST_DATA; //= error
        $length = strlen($this->body); //= clean
        if ($length === 0) {
            $this->body = file_get_contents('php://input'); //= clean
        }
        return $this->body;
    }

    public function readAlways()
    {
        $this->body = $GLOBALS['HTTP_RAW_POST_DATA']; //= error
        return $this->body;
    }

    public function open($file)
    {
        $fp = @fopen($file, 'rb');
        if (!$fp) {
            throw new RuntimeException("cannot open $file: $php_errormsg"); //= error
        }
        return $fp;
    }

    public function openNow($file)
    {
        $fp = @fopen($file, 'rb');
        if (!$fp) {
            $error = error_get_last(); //= clean
            $this->php_errormsg = $error['message']; //= clean
            throw new RuntimeException($this->php_errormsg); //= clean
        }
        return $fp;
    }

    public function own($file)
    {
        $php_errormsg = 'cannot open ' . $file; //= clean
        return $php_errormsg; //= clean
    }

    public function param($php_errormsg)
    {
        return strtoupper($php_errormsg); //= clean
    }

    public function closure()
    {
        $php_errormsg = 'x'; //= clean
        return function () use ($php_errormsg) { //= clean
            return $php_errormsg; //= clean
        };
    }

    public function loop(array $errors)
    {
        foreach ($errors as $php_errormsg) { //= clean
            echo $php_errormsg; //= clean
        }
    }
}

@unlink('cache.lock');
error_log('cannot unlink: ' . $php_errormsg); //= error
echo '$php_errormsg'; //= clean
echo 'HTTP_RAW_POST_DATA'; //= clean
$names = array('php_errormsg' => 1, 'HTTP_RAW_POST_DATA' => 2); //= clean
@mkdir('/tmp/cache') or die("mkdir: {$php_errormsg}"); //= error
$xml = simplexml_load_string($HTTP_RAW_POST_DATA); //= error
$xml = isset($_SERVER['HTTP_RAW_POST_DATA']) ? 1 : 2; //= clean
$php_errormessage = 'mine'; //= clean
echo $_GET['php_errormsg'] ?? ''; //= clean
$http_raw_post_data = file_get_contents('php://input'); //= clean
echo strlen($http_raw_post_data); //= clean
