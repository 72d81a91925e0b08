<?php // corpus: to=8.2
$r = $router->match('/x'); //= clean
$r = Router::match('/x'); //= clean
$r = match('/x', $y); //= error
