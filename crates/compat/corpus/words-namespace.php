<?php // corpus: to=8.2
namespace App\Fn\Tools; //= clean
class X {}
