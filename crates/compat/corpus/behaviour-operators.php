<?php // corpus: to=8.2

class Invoice
{
    private $net = 10;
    private $tax = 2;
    public $items = array();

    public function lines($a, $b)
    {
        echo "Sum: " . $a + $b; //= warning
        echo "Sum: " . ($a + $b); //= clean
        echo ("Sum: " . $a) . $b; //= clean
        echo 'Total ' . $this->net + $this->tax . ' EUR'; //= warning
        echo 'Total ' . ($this->net + $this->tax) . ' EUR'; //= clean
        echo "Diff: " . $a - $b; //= warning
        echo "Diff: " . $a * $b; //= clean
        echo "Product " . $a / $b . "\n"; //= clean
        echo $a + $b . ' EUR'; //= clean
        echo "Shift: " . $a << 2; //= warning
        echo $a . $b, $a + $b; //= clean
        echo "x" . -$a; //= clean
        echo "x" . count($this->items) + 1; //= warning
        echo "x" . (count($this->items) + 1); //= clean
        echo "a+b" . "c-d"; //= clean
        echo $this->items[$a . $b] + 1; //= clean
        return 'n' . $a++ . 'm' . --$b; //= clean
    }

    public function shift($n)
    {
        $x = 1 >> -1; //= error
        $x = $n << -2; //= error
        $x = 1 >> 1; //= clean
        $x = 1 << 62; //= clean
        $x = $n % 0; //= error
        $x = $n % 10; //= clean
        return $x;
    }

    public function compare($s)
    {
        if (0 == 'abc') { //= warning
            return 1;
        }
        if ('' == 0) { //= warning
            return 2;
        }
        if (0 == '0') { //= clean
            return 3;
        }
        if (0 === 'abc') { //= clean
            return 4;
        }
        if ('abc' == 'def') { //= clean
            return 5;
        }
        return $s == '' || $s != 'x'; //= clean
    }

    public function listOrder()
    {
        list($this->items[], $this->items[]) = array(1, 2); //= warning
        list($a, $b) = array(1, 2); //= clean
        list($c[], $c[]) = array(3, 4); //= warning
        list(, $d) = array(3, 4); //= clean
        list('x' => $e) = array('x' => 4); //= clean
        return array($a, $b, $c, $d, $e);
    }

    public function indirect($foo, $bar, $obj)
    {
        $x = $$foo['bar']; //= warning
        $x = ${$foo['bar']}; //= clean
        $x = $obj->$bar['baz']; //= warning
        $x = $obj->{$bar['baz']}; //= clean
        $x = $obj->$bar; //= clean
        $x = $obj->bar['baz']; //= clean
        $x = Invoice::$bar['baz'](); //= warning
        $x = $obj->$bar['baz'](); //= warning
        $x = $obj->{$bar['baz']}(); //= clean
        $x = $obj->$bar(); //= clean
        $x = $$foo; //= clean
        $x = ($$foo)['bar']; //= clean
        return $x;
    }

    public static $bar = array();

    public function args($a, $b = null)
    {
        $a = trim($a);
        $args = func_get_args(); //= warning
        return $args;
    }

    public function argsFirst($a, $b = null)
    {
        $args = func_get_args(); //= clean
        $a = trim($a);
        return array($args, $a);
    }

    public function argsUntouched($a, $b = null)
    {
        $c = trim($a);
        return func_get_args() + array($c); //= clean
    }

    public function argOne($name)
    {
        $name .= '.php';
        return func_get_arg(0); //= warning
    }

    public function argCount($name)
    {
        $name .= '.php';
        return func_num_args(); //= clean
    }

    public function loop($types)
    {
        foreach ($types as $type) {
            switch ($type) {
                case 'a':
                    continue; //= warning
                case 'b':
                    break; //= clean
                case 'c':
                    continue 2; //= clean
                default:
                    while (true) {
                        continue; //= clean
                    }
            }
            if ($type) {
                continue; //= clean
            }
        }
        for ($i = 0; $i < 3; $i++) {
            switch ($i): case 1: continue; endswitch; //= warning
        }
    }
}

function on_error($no, $text, $file, $line)
{
    if (error_reporting() == 0) { //= warning
        return true;
    }
    if (0 === error_reporting()) { //= warning
        return true;
    }
    if (!(error_reporting() & $no)) { //= clean
        return false;
    }
    $level = error_reporting(0); //= clean
    error_reporting(E_ALL); //= clean
    return error_reporting() === E_ALL; //= clean
}
