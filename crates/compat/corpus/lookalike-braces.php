<?php // corpus: to=8.2
class Braces
{
    public $data = array();
    public $name = 'x';

    public function all($a, $i, $o)
    {
        $s = "{$a}{$i}"; //= clean
        $s = "{$this->data['a']}{$this->data[0]}"; //= clean
        $s = "$a{0}"; //= clean
        $s = "$a[0]{1}"; //= clean
        $s = ${'a'}; //= clean
        $s = $o->{'name'}; //= clean
        $s = $o->{$a}['x']; //= clean
        $s = $o::${'static'}; //= clean
        if ($a) {$s = 1;} //= clean
        while ($i) {$i--;} //= clean
        foreach ($a as $k => $v) {echo $k;} //= clean
        $f = function () use ($a) {return $a;}; //= clean
        $s = '{$a}{0}' . "\{$a}"; //= clean
        $s = preg_match('/a{2}/', $a) ? 'x{0}' : "a{$i}"; //= clean
        switch ($a) {case 1: break;} //= clean
        return new class {public $x;}; //= clean
    }
}
