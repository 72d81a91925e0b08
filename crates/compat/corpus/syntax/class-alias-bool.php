<?php // corpus: to=8.2
use App\Type\Boolean as Boolean; //= clean
use App\Type\Boolean as Bool; //= error
