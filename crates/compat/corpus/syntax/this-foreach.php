<?php // corpus: to=8.2
foreach ($rows as $that) {} //= clean
foreach ($rows as $this) {} //= error
