<?php // corpus: to=8.2
namespace Zend\Log\Writer;
class NullWriter extends AbstractWriter {} //= clean
class Null extends AbstractWriter {} //= error
