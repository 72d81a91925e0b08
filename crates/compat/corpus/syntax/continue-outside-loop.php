<?php // corpus: to=7.0
function skip($row)
{
    if (!$row) {
        continue; //= error
    }
    return $row; //= clean
}
