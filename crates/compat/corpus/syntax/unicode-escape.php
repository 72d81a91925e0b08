<?php // corpus: to=8.2
$a = '\u{zz}'; //= clean
$b = "\\u{zz}"; //= clean
$c = "\u00e4"; //= clean
$e = "path\u{ser}"; //= error
