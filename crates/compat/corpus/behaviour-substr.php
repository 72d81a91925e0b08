<?php // corpus: to=8.2

function extension($name)
{
    $dot = strrpos($name, '.');
    $ext = substr($name, $dot + 1); //= clean
    if (substr($name, 10) === false) { //= warning
        return '';
    }
    if (false === substr($name, $dot)) { //= warning
        return '';
    }
    if (mb_substr($name, 3) === false) { //= warning
        return '';
    }
    if (substr($name, 0, 1) === '.') { //= clean
        return '';
    }
    if (strpos($name, '.') === false) { //= clean
        return '';
    }
    if (pg_fetch_all($name) === false) { //= warning
        return '';
    }
    if (count(pg_fetch_all($name)) === 0) { //= clean
        return '';
    }
    return $ext;
}
