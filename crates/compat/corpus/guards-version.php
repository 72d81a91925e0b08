<?php // corpus: to=8.2

/* Compatibility layer of a framework: every way to ask for the version */

if (PHP_VERSION_ID < 80000) {
    $a = each($list); //= clean
}

if (PHP_VERSION_ID < 70000) {
    $a = each($list); //= clean
} elseif (PHP_VERSION_ID < 80000) {
    $a = each($list); //= clean
} else {
    $a = each($list); //= error
}

if (PHP_VERSION_ID >= 50400) {
    $a = each($list); //= error
}

if (80000 > PHP_VERSION_ID) {
    $a = money_format('%n', 1); //= clean
}

if (80000 <= PHP_VERSION_ID) {
    $a = money_format('%n', 1); //= error
} else {
    $a = money_format('%n', 1); //= clean
}

if (PHP_VERSION_ID < 80300) {
    $a = each($list); //= error
}

if (!(PHP_VERSION_ID >= 80000)) {
    $a = create_function('', ''); //= clean
}

if (! (PHP_VERSION_ID < 80000)) {
    $a = create_function('', ''); //= error
}

if (\PHP_VERSION_ID < 80000 && $debug) {
    $a = each($list); //= clean
}

if ($debug && \PHP_VERSION_ID < 80000) {
    $a = each($list); //= clean
}

if ($debug || PHP_VERSION_ID < 80000) {
    $a = each($list); //= error
}

if (PHP_VERSION_ID >= 50600 && PHP_VERSION_ID < 80000) {
    $a = each($list); //= clean
}

if (PHP_MAJOR_VERSION < 8) {
    $a = is_real($x); //= clean
}
if (PHP_MAJOR_VERSION >= 7) {
    $a = is_real($x); //= error
}
if (PHP_MAJOR_VERSION === 7) {
    $a = is_real($x); //= clean
}
if (PHP_MAJOR_VERSION == 8) {
    $a = is_real($x); //= error
}

if (version_compare(PHP_VERSION, '8.0.0', '<')) {
    $a = each($list); //= clean
}
if (version_compare(PHP_VERSION, '8.0', 'lt')) {
    $a = each($list); //= clean
}
if (version_compare(PHP_VERSION, '7.0.0', '>=')) {
    $a = each($list); //= error
}
if (version_compare(PHP_VERSION, '8.0.0', '>=')) {
    $a = array();
} else {
    $a = each($list); //= clean
}
if (version_compare(PHP_VERSION, '8.0.0') < 0) {
    $a = each($list); //= clean
}
if (version_compare(PHP_VERSION, '8.0.0') >= 0) {
    $a = each($list); //= error
}
if (version_compare(phpversion(), '8.0.0', '<')) {
    $a = each($list); //= clean
}
if (!version_compare(PHP_VERSION, '8.0.0', '>=')) {
    $a = each($list); //= clean
}
if (version_compare('8.0.0', PHP_VERSION, '>')) {
    $a = each($list); //= clean
}
if (version_compare($pluginVersion, '8.0.0', '<')) {
    $a = each($list); //= error
}
if (version_compare(PHP_VERSION, '8.0.0', '<') === true) {
    $a = each($list); //= clean
}

$a = PHP_VERSION_ID < 80000 ? each($list) : null; //= clean
$a = PHP_VERSION_ID >= 80000 ? null : each($list); //= clean
$a = PHP_VERSION_ID >= 80000 ? each($list) : null; //= error
$a = PHP_VERSION_ID < 80000 && each($list); //= clean
$a = PHP_VERSION_ID >= 80000 || each($list); //= clean
$a = PHP_VERSION_ID < 80000 || each($list); //= error
PHP_VERSION_ID < 80100 and $a = strftime('%Y'); //= clean
PHP_VERSION_ID < 80100 or $a = strftime('%Y'); //= warning

function first($list)
{
    if (PHP_VERSION_ID >= 80000) {
        return reset($list);
    }
    return each($list); //= clean
}

function second($list)
{
    if (PHP_VERSION_ID < 80000) {
        return each($list); //= clean
    }
    return each($list); //= error
}

function third($list)
{
    if (PHP_VERSION_ID >= 80000) {
        $list = array_values($list);
    }
    return each($list); //= error
}

function fourth($list)
{
    if (PHP_VERSION_ID >= 80000) {
        throw new LogicException('not on PHP 8');
    }
    foreach ($list as $item) {
        each($item); //= clean
    }
}

function fifth($lists)
{
    foreach ($lists as $list) {
        if (PHP_VERSION_ID >= 80000) {
            continue;
        }
        each($list); //= clean
    }
    return each($lists); //= error
}

if (PHP_VERSION_ID < 80000):
    libxml_disable_entity_loader(true); //= clean
else:
    libxml_disable_entity_loader(true); //= warning
endif;

if (PHP_VERSION_ID < 80000) libxml_disable_entity_loader(false); //= clean

switch (true) {
    case PHP_VERSION_ID > 0:
        libxml_disable_entity_loader(false); //= warning
}
while (PHP_VERSION_ID < 80000) {
    each($list); //= clean
}
if (PHP_VERSION_ID < 80000) {
    $fn = function ($x) {
        return each($x); //= clean
    };
    class Old_Iterator
    {
        function step($x)
        {
            return each($x); //= clean
        }
    }
}
