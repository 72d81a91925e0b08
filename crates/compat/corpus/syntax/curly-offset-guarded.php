<?php // corpus: to=8.2
// a guard does not help: the file does not compile
if (PHP_VERSION_ID < 80000) {
    $x = $name{0}; //= error
}
