<?php // corpus: to=7.2
function initial($name)
{
    return $name{0} . $name{strlen($name) - 1}; //= clean
}
