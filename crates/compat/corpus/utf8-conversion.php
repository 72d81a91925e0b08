<?php // corpus: to=8.2
namespace Export;

class Row
{
    protected $values;

    public function __construct(array $values)
    {
        $this->values = $values;
    }

    public function toUtf8()
    {
        return array_map(function ($v) {
            return is_string($v) ? utf8_encode($v) : $v; //= warning
        }, $this->values);
    }

    public function toLatin1()
    {
        $out = [];
        foreach ($this->values as $key => $value) {
            $out[$key] = \utf8_decode($value); //= warning
            $out[utf8_decode($key)] = $value; //= warning
        }
        return $out;
    }

    public function toUtf8Better()
    {
        $out = mb_convert_encoding('x', 'UTF-8', 'ISO-8859-1'); //= clean
        $out .= iconv('ISO-8859-1', 'UTF-8', 'x'); //= clean
        return $out;
    }

    public function utf8_encode($text) //= clean
    {
        return $this->utf8_encode($text) . self::utf8_decode($text); //= clean
    }

    public static function utf8_decode($text) //= clean
    {
        return Converter::utf8_decode($text); //= clean
    }

    public function pdf($fpdf)
    {
        $fpdf->Cell(40, 10, utf8_decode('Größe')); //= warning
        $fpdf->Cell(
            40,
            10,
            UTF8_Decode('Preis'), //= warning
            1
        );
        $fpdf->utf8_decode('Menge'); //= clean
    }

    public function entity($text)
    {
        $a = mb_convert_encoding($text, 'HTML-ENTITIES', 'UTF-8'); //= warning
        $b = mb_detect_encoding($text); //= clean
        $c = mb_convert_encoding($text, 'HTML', 'UTF-8'); //= warning
        $d = mb_convert_encoding($text, 'BASE64', 'UTF-8'); //= warning
        $e = mb_convert_encoding($text, 'UTF-8', 'auto'); //= clean
        $f = mb_convert_encoding('HTML-ENTITIES', 'UTF-8', 'ISO-8859-1'); //= clean
        $g = mb_encode_numericentity($text, [0x80, 0x10FFFF, 0, 0x1FFFFF], 'UTF-8'); //= clean
        return [$a, $b, $c, $d, $e, $f, $g];
    }
}

function utf8_wrap($s)
{
    return utf8_encode($s); //= warning
}
