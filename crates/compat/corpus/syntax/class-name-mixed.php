<?php // corpus: to=8.2
namespace Form\Element;
class Mixed {} //= error
