<?php // corpus: to=8.2
class Strings {} //= clean
class String {} //= error
