<?php // corpus: to=8.2
class Base
{
    public function save($data, $options = array()) {} //= clean
    public function load($id) {} //= clean
}
class Child extends Base
{
    public function load($id, $fresh = false) {} //= clean
    public function save($data) {} //= error
}
