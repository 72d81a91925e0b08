<?php // corpus: to=8.2
class Never {} //= error
