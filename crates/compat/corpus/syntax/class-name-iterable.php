<?php // corpus: to=7.2
interface Iterable extends Traversable {} //= error
