<?php // corpus: to=8.2
interface Handler
{
    public function handle($request, $response = null);
}
class Page_Handler implements Handler
{
    public function handle($request, $response = null, $extra = 1) {} //= clean
}
class Other extends Missing_Base
{
    public function handle() {} //= clean
    private function other($x) {} //= clean
}
