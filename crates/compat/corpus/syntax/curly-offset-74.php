<?php // corpus: to=7.4
function initial($name)
{
    $a = $name{0}; //= warning
    $b = $name[0]; //= clean
    $c = "{$name[0]}"; //= clean
    $d = ${'name'}; //= clean
    return $a . $b . $c . $d . $name{1}; //= warning
}
