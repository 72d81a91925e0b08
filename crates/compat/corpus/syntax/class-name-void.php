<?php // corpus: to=8.2
class Voids {} //= clean
abstract class Void {} //= error
