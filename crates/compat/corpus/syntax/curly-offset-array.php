<?php // corpus: to=8.2
class Row
{
    private $data = array();

    public function get($key)
    {
        if (isset($this->data['x'])) { //= clean
            return "{$this->data['x']}"; //= clean
        }
        return $this->data{$key}; //= error
    }
}
