<?php // corpus: to=8.2
# [a comment with a space] //= clean
//[no hash] //= clean
#[ old entries of this list ] //= error
$a = array(1, 2);
