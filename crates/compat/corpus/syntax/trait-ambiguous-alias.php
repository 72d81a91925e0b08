<?php // corpus: to=8.2
trait One { public function go() {} }
trait Two { public function go() {} }
class Car
{
    use One, Two {
        One::go insteadof Two; //= clean
        go as drive; //= error
    }
}
