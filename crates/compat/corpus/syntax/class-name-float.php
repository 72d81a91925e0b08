<?php // corpus: to=8.2
namespace App\Type;
class FloatType {} //= clean
final class Float extends Type {} //= error
