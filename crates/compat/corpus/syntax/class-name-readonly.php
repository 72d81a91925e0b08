<?php // corpus: to=8.2
class Readonly {} //= error
