<?php // corpus: to=8.2
namespace Import;

// split() without a polyfill: a namespaced call falls back to the global function, which is gone

final class CsvLine
{
    public static function parse($line)
    {
        $fields = split(';', $line); //= error
        list($id, $name) = \split('=', $fields[0]); //= error
        return compact('id', 'name', 'fields');
    }

    public function words($line)
    {
        return array_filter(Split(' +', $line), 'strlen'); //= error
    }

    public function lines($text)
    {
        return explode("\n", $text); //= clean
    }
}

function spliti($pattern, $text) //= clean
{
    return preg_split('~' . $pattern . '~i', $text);
}

$a = spliti('x', '1X2'); //= clean
$b = namespace\spliti('x', '1X2'); //= clean
$c = \spliti('x', '1X2'); //= error
