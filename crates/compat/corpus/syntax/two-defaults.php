<?php // corpus: to=8.2
switch ($x) {
    case 1: //= clean
        break;
    default:
        break;
    default: //= error
        break;
}
