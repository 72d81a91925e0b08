<?php // corpus: to=8.2
class Match_Day {} //= clean
class Match extends Fixture {} //= error
