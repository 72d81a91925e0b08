<?php // corpus: to=7.4
namespace Form\Element;
class Mixed {} //= clean
