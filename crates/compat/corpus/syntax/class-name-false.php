<?php // corpus: to=7.0
class False_Positive {} //= clean
class False {} //= error
