<?php // corpus: to=7.0
interface Int {} //= error
