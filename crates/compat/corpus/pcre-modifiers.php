<?php // corpus: to=8.2

class BBCode
{
    private $patterns = array(
        '/\[b\](.*?)\[\/b\]/is' => '<b>$1</b>', //= clean
    );

    public function parse($text)
    {
        $text = preg_replace('/\[b\](.*?)\[\/b\]/is', '<b>$1</b>', $text); //= clean
        $text = preg_replace('/\[code\](.*?)\[\/code\]/ies', "code('\\1')", $text); //= error
        $text = preg_replace("/&#([0-9]+);/e", 'chr("\\1")', $text); //= error
        $text = preg_replace("#\\[url\\](.*?)\\[/url\\]#sie", "'<a>' . trim('$1') . '</a>'", $text); //= error
        $text = preg_replace('~x~e', 'y', $text); //= error
        $text = preg_replace('{x}e', 'y', $text); //= error
        $text = preg_replace('(e)', 'y', $text); //= clean
        $text = preg_replace('/[a-z]e/', 'y', $text); //= clean
        $text = preg_replace('/e/', 'e', $text); //= clean
        $text = preg_replace('#/e#', 'e', $text); //= clean
        $text = preg_replace('/a/imsxu', 'e', $text); //= clean
        $text = preg_replace(array('/a/e', '/b/'), array('1', '2'), $text); //= error
        $text = preg_replace(array('/a/', '/b/i'), array('1', '2'), $text); //= clean
        $text = preg_replace('/' . $this->word() . '/e', '1', $text); //= error
        $text = preg_replace('/' . preg_quote($text, '/') . '/i', '1', $text); //= clean
        $text = preg_replace($text, '/e', $text); //= clean
        $text = preg_replace_callback('/a/i', function ($m) { return $m[0]; }, $text); //= clean
        $text = $this->preg_replace('/a/e', '1', $text); //= clean
        if (preg_match('/\be$/', $text) || preg_match('@e@', $text)) { //= clean
            $text = preg_filter('/a/e', 'b', $text); //= error
        }
        $text = mb_ereg_replace('a', 'strtoupper("b")', $text, 'e'); //= error
        $text = mb_ereg_replace('a', 'b', $text, 'i'); //= clean
        $text = mb_eregi_replace('a', 'b', $text, 'e'); //= error
        return $text;
    }

    private function preg_replace($a, $b, $c)
    {
        return str_replace($a, $b, $c);
    }

    private function word()
    {
        return 'x';
    }
}
