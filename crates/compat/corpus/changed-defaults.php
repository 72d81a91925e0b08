<?php // corpus: to=8.2

class View
{
    public function e($value)
    {
        return htmlspecialchars($value); //= warning
    }

    public function q($value)
    {
        return htmlspecialchars($value, ENT_QUOTES); //= clean
    }

    public function all($value)
    {
        $a = htmlentities($value); //= warning
        $a = htmlentities($value, ENT_QUOTES, 'UTF-8'); //= clean
        $a = html_entity_decode($value); //= warning
        $a = html_entity_decode($value, ENT_COMPAT, 'UTF-8'); //= clean
        $a = htmlspecialchars_decode($value); //= warning
        $a = htmlspecialchars_decode($value, ENT_NOQUOTES); //= clean
        $a = get_html_translation_table(HTML_ENTITIES); //= warning
        $a = get_html_translation_table(HTML_ENTITIES, ENT_COMPAT); //= clean
        $a = $this->htmlspecialchars($value); //= clean
        $a = Html::htmlentities($value); //= clean
        return $a;
    }

    private function htmlspecialchars($v)
    {
        return $v;
    }
}
