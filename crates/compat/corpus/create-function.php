<?php // corpus: to=8.2

/* Plug-in of a blog, written for PHP 5.2: no closures yet */

add_action('widgets_init', create_function('', 'return register_widget("Recent_Posts_Widget");')); //= error

add_filter('the_content', create_function('$c', 'return str_replace("a", "b", $c);'), 20); //= error

usort($terms, create_function('$a,$b', 'return strcmp($a->name, $b->name);')); //= error

$shorten = create_function( //= error
    '$text',
    '
        return substr($text, 0, 100);
    '
);

$callbacks = array(
    'upper' => create_function('$m', 'return strtoupper($m[1]);'), //= error
    'lower' => function ($m) { return strtolower($m[1]); }, //= clean
    'none' => 'trim', //= clean
);

class Recent_Posts_Widget extends WP_Widget
{
    function filter($posts)
    {
        return array_filter($posts, Create_Function('$p', 'return $p->post_status == "publish";')); //= error
    }

    function create_function($name) //= clean
    {
        return function () use ($name) { //= clean
            return $name;
        };
    }

    function make()
    {
        return $this->create_function('make'); //= clean
    }

    static function build()
    {
        return Factory::create_function('x'); //= clean
    }
}

$w = new Recent_Posts_Widget();
$w->create_function('late'); //= clean
$names = array('create_function' => 'anonymous'); //= clean
echo $names['create_function']; //= clean
echo "create_function('\$a', 'return \$a;')"; //= clean

if (version_compare(PHP_VERSION, '5.3.0', '<')) {
    $cmp = create_function('$a, $b', 'return $a - $b;'); //= clean
} else {
    $cmp = function ($a, $b) { return $a - $b; }; //= clean
}

if (version_compare(phpversion(), '5.3', '>=')) {
    $cmp = create_function('$a, $b', 'return $b - $a;'); //= error
}

$f = PHP_MAJOR_VERSION < 8 ? create_function('$x', 'return $x;') : function ($x) { return $x; }; //= clean
$g = PHP_MAJOR_VERSION < 8
    ? function ($x) { return $x; }
    : create_function('$x', 'return $x;'); //= error
