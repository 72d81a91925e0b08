<?php // corpus: to=7.4
class Match extends Fixture {} //= clean
