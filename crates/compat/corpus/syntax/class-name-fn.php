<?php // corpus: to=7.4
class Fn {} //= error
