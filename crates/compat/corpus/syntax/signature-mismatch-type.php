<?php // corpus: to=8.2
class Base_View
{
    public function assign(array $vars) { return $vars; }
}
class Smarty_View extends Base_View
{
    public function assign($vars) { return $vars; } //= clean
}
class Twig_View extends Base_View
{
    public function assign(Context $vars) { return $vars; } //= error
}
