<?php // corpus: to=7.4
namespace App\Fn\Tools; //= error
class X {}
