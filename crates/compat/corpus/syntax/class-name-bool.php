<?php // corpus: to=8.2
trait Bool {} //= error
