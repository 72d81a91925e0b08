<?php // corpus: to=8.4
class Big extends ArrayObject {} //= clean
class Big_Number extends GMP {} //= error
