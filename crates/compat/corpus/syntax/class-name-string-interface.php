<?php // corpus: to=8.2
namespace Doctrine\Types;
interface StringInterface {} //= clean
class ArrayType {} //= clean
class Resource {} //= clean
class Numeric {} //= clean
class Enum {} //= clean
interface String extends Type {} //= error
