<?php // corpus: to=8.2
function initial($name)
{
    $ok = $name[0]; //= clean
    return strtoupper($name{0}); //= error
}
