<?php // corpus: to=8.2

class Cart
{
    private $contents = array();
    public $each = array();

    function reset_cart($reset_database = false)
    {
        reset($this->contents); //= clean
        while (list($products_id, ) = each($this->contents)) { //= error
            unset($this->contents[$products_id]);
        }
        $this->each = array(); //= clean
    }

    function restore()
    {
        reset($this->contents);
        while (list($id) = @each($this->contents)): //= error
            $this->add($id, 1);
        endwhile;

        for (reset($this->contents); list($key, $val) = each($this->contents);) { //= error
            $this->add($key, $val['qty']);
        }

        do {
            $pair = Each($this->contents); //= error
            if ($pair) {
                $this->add($pair['key'], $pair['value']);
            }
        } while ($pair);
    }

    function add($id, $qty)
    {
        $this->contents[$id] = array('qty' => $qty);
        return $this;
    }

    function each(callable $fn) //= clean
    {
        foreach ($this->contents as $id => $row) { //= clean
            $fn($id, $row);
        }
        return $this;
    }

    static function eachOf($items)
    {
        return new static(); //= clean
    }
}

$cart = new Cart();
$cart->each(function ($id, $row) { //= clean
    echo $id;
});
$cart->add(1, 2)
    ->add(2, 3)
    ->each(function ($id) { //= clean
        list($k, $v) = each($GLOBALS['options']); //= error
        return $k;
    });
$cart->each; //= clean
$cart?->each(fn ($id) => print $id); //= clean

function walk($options)
{
    $out = '';
    if (is_array($options)) while (list(, $value) = EACH($options)) $out .= $value; //= error
    return $out;
}

$first = \each($_GET); //= error
$string = 'while (list($k, $v) = each($a))'; //= clean
// while (list($k, $v) = each($a)) //= clean
# each($a) is gone in PHP 8 //= clean
$help = <<<TXT
  Loop with each(\$array) or foreach. //= clean
TXT;
$js = <<<'JS'
  $.each(list, function () { each(this); }); //= clean
JS;
?>
<script>
  jQuery.each(items, function (i, item) { console.log(item); }); //= clean
</script>
<?php while (list($k, $v) = each($_POST)) { //= error
    ?><input type="hidden" name="<?php echo htmlspecialchars($k, ENT_QUOTES) ?>"><?php
}
