<?php // corpus: to=8.2
try {
    run(); //= clean
} catch (Exception $this) { //= error
}
