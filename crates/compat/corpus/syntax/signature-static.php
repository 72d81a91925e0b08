<?php // corpus: to=8.2
class Model
{
    public static function find($id, $columns = array('*')) {} //= clean
    public static function all() {} //= clean
}
class Post extends Model
{
    public static function all($order = null) {} //= clean
    public static function find($id) {} //= error
}
