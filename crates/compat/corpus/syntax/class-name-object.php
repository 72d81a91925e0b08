<?php // corpus: to=8.2
class Object_Base {} //= clean
class Object //= error
{
}
