<?php // corpus: to=8.2
function row_class($i, $selected)
{
    return '<tr class="' . ($selected ? 'sel' : $i % 2 ? 'odd' : 'even') . '">'; //= error
}
