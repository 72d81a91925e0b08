<?php // corpus: to=7.0
$db = new PDO_Wrapper($dsn); //= clean
$ref = &$db; //= clean
$mail = & new Mailer; //= error
