<?php // corpus: to=8.2
use Cake\Core\Object as CakeObject; //= clean
use Cake\Core\Object; //= error
