<?php // corpus: to=8.2
$sql = <<<SQL
SELECT CASE WHEN a THEN 1 END AS SQL_TEXT //= clean
SQL;
$text = <<<'NOW'
NOWHERE //= clean
NOW;
echo $sql, $text; //= clean
