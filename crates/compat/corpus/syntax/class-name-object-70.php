<?php // corpus: to=7.0
class Object //= clean
{
}
