<?php // corpus: to=8.2
use Zend\Db\Sql\Expression; //= clean
use Zend\Log\Writer\Null; //= error
