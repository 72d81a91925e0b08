<?php // corpus: to=8.2
function stop($rows)
{
    foreach ($rows as $row) {
        break; //= clean
    }
    if (!$rows) {
        break; //= error
    }
}
