<?php // corpus: to=8.2

namespace Legacy\Functions {
    function each(array &$a) { return [key($a), current($a)]; } //= clean
    function split($p, $s) { return explode($p, $s); } //= clean
    function mysql_query($sql) { return $sql; } //= clean
    function create_function($a, $b) { return $a . $b; } //= clean
    function utf8_encode($s) { return $s; } //= clean

    $a = [1];
    each($a); //= clean
    split(',', 'a,b'); //= clean
    mysql_query('x'); //= clean
    Each($a); //= clean
    namespace\each($a); //= clean
    \each($a); //= error
    mysql_error(); //= error
    utf8_encode('x'); //= clean
    utf8_decode('x'); //= warning
}

namespace Legacy\Consumer {
    use Legacy\Functions;
    use function Legacy\Functions\split;
    use function Legacy\Functions\mysql_query as query;
    use function Legacy\Functions\utf8_encode;

    $a = [1];
    Functions\each($a); //= clean
    Functions\create_function('$a', ''); //= clean
    \Legacy\Functions\each($a); //= clean
    split(',', 'a,b'); //= clean
    query('x'); //= clean
    utf8_encode('x'); //= clean
    each($a); //= error
    mysql_query('x'); //= error
    create_function('$a', ''); //= error
    \split(',', 'a,b'); //= error
    \utf8_encode('x'); //= warning
    Split(',', 'a'); //= clean

    class DOMNameList {} //= clean
    new DOMNameList(); //= clean
    new \DOMNameList(); //= error

    class SplFixedArray //= clean
    {
        public function rewind() { return 1; }
        public static function export($x) { return $x; }
    }

    $s = new SplFixedArray();
    $s->rewind(); //= clean
    SplFixedArray::export('x'); //= clean
    $t = new \SplFixedArray(2);
    $t->rewind(); //= error

    function typed(SplFixedArray $x, \SplFixedArray $y)
    {
        $x->rewind(); //= clean
        $y->rewind(); //= error
    }
}

namespace {
    use Legacy\Functions as F;
    use Legacy\Consumer\SplFixedArray as Fixed;
    use SplFixedArray as RealFixed;

    $a = [1];
    F\each($a); //= clean
    each($a); //= error
    Legacy\Functions\split(',', 'a'); //= clean
    split(',', 'a'); //= error
    $x = new Fixed();
    $x->rewind(); //= clean
    $y = new RealFixed(2);
    $y->rewind(); //= error
}
