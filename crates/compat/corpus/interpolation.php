<?php // corpus: to=8.2

class Mailer
{
    public $name = 'shop';
    public $row = array('id' => 1);
    public $list = array(1, 2);

    public function subject($user, $order, $lang)
    {
        $s = "Order ${order} for $user"; //= warning
        $s = "Order {$order} for $user"; //= clean
        $s = "Order $order for ${user}!"; //= warning
        $s = "Order ${lang['order']}"; //= warning
        $s = "Order {$lang['order']}"; //= clean
        $s = "Order $lang[order]"; //= clean
        $s = "Price: $5"; //= clean
        $s = "Price: \${order}"; //= clean
        $s = 'Order ${order}'; //= clean
        $s = "Order {$this->row['id']} and {$this->list[0]}"; //= clean
        $s = "Order $this->name"; //= clean
        $s = "Order {$this->name}{$order}"; //= clean
        $s = "${order}${user}"; //= warning
        $s = "{${'order'}}"; //= clean
        $s = "${'or' . 'der'}"; //= warning
        $s = "{$order}${user}"; //= warning
        $s = "$ {order}"; //= clean
        $s = "$\{order}"; //= clean
        $s = "{ $order }"; //= clean
        $s = 'a' . "b ${order}" . 'c'; //= warning
        $s = "jQuery: $('#id').find(\"\${x}\")"; //= clean
        $s = sprintf('%1$s ${order}', $order); //= clean
        $s = "{$lang[$order]} {$lang["a"]}"; //= clean
        $s = "%{$order}% #{$user}"; //= clean
        $s = `echo {$order}`; //= clean
        $s = `echo ${order}`; //= warning
        return $s;
    }

    public function body($user, $total)
    {
        $html = <<<HTML
<p>Dear ${user},</p> //= warning
<p>your total is {$total} EUR.</p> //= clean
<script>var t = `\${total}`;</script> //= clean
HTML;
        $js = <<<'JS'
const t = `${user} owes ${total}`; //= clean
JS;
        $sql = <<<"SQL"
SELECT * FROM {$this->name}_users //= clean
 WHERE id = ${total} //= warning
SQL;
        return $html . $js . $sql;
    }

    public function dynamic($name)
    {
        return ${$name} . ${'name'}; //= clean
    }
}

$template = '<a href="${url}">${title}</a>'; //= clean
