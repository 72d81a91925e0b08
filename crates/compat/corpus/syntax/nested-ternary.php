<?php // corpus: to=8.2
$size = $n > 100 ? 'large' : ($n > 10 ? 'medium' : 'small'); //= clean
$size = $n ?: $m ?: 'none'; //= clean
$size = $n > 100 ? 'large' : $n > 10 ? 'medium' : 'small'; //= error
