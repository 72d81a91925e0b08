<?php // corpus: to=8.2
namespace Cms\View;

class Menu
{
    public function menu($items) //= clean
    {
        return $items;
    }
}

class Item extends Menu
{
    public function Item() //= clean
    {
        return parent::menu(array());
    }
}
