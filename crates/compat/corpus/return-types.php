<?php // corpus: to=8.2

class Collection implements ArrayAccess, IteratorAggregate, Countable, JsonSerializable
{
    protected $items = array();

    public function offsetExists($offset) //= warning
    {
        return isset($this->items[$offset]);
    }

    public function offsetGet($offset) //= warning
    {
        return $this->items[$offset];
    }

    public function offsetSet($offset, $value) //= warning
    {
        $this->items[$offset] = $value;
    }

    public function offsetUnset($offset) //= warning
    {
        unset($this->items[$offset]);
    }

    public function getIterator() //= warning
    {
        return new ArrayIterator($this->items); //= clean
    }

    public function count() //= warning
    {
        return count($this->items); //= clean
    }

    public function jsonSerialize() //= warning
    {
        return $this->items;
    }

    public function toArray() //= clean
    {
        return $this->items;
    }
}

class Typed_Collection implements ArrayAccess, IteratorAggregate, Countable, JsonSerializable
{
    protected $items = array();

    public function offsetExists($offset): bool //= clean
    {
        return isset($this->items[$offset]);
    }

    #[\ReturnTypeWillChange]
    public function offsetGet($offset) //= clean
    {
        return $this->items[$offset];
    }

    public function offsetSet($offset, $value): void //= clean
    {
        $this->items[$offset] = $value;
    }

    public function offsetUnset($offset): void //= clean
    {
        unset($this->items[$offset]);
    }

    public function getIterator(): Traversable //= clean
    {
        return new ArrayIterator($this->items);
    }

    #[ReturnTypeWillChange]
    public function count() //= clean
    {
        return count($this->items);
    }

    public function jsonSerialize(): array //= clean
    {
        return $this->items;
    }
}

class Rows implements Iterator
{
    private $rows = array();

    public function current() //= warning
    {
        return current($this->rows); //= clean
    }

    public function key() //= warning
    {
        return key($this->rows);
    }

    public function next() //= warning
    {
        next($this->rows);
    }

    public function rewind() //= warning
    {
        reset($this->rows);
    }

    public function valid() //= warning
    {
        return key($this->rows) !== null;
    }
}

class Not_Iterator
{
    public function current() { return 1; } //= clean
    public function key() { return 1; } //= clean
    public function count() { return 1; } //= clean
    public function offsetGet($x) { return $x; } //= clean
    public function getIterator() { return null; } //= clean
    public function jsonSerialize() { return null; } //= clean
}

class Positive_Filter extends FilterIterator
{
    public function accept() //= warning
    {
        return parent::current() > 0;
    }
}

class Db_Session_Handler implements SessionHandlerInterface
{
    public function open($path, $name) //= warning
    {
        return true;
    }

    public function close() //= warning
    {
        return true;
    }

    #[\ReturnTypeWillChange]
    public function read($id) //= clean
    {
        return '';
    }

    public function write($id, $data): bool //= clean
    {
        return true;
    }

    public function destroy($id) //= warning
    {
        return true;
    }

    public function gc($max): int|false //= clean
    {
        return 0;
    }
}

abstract class Base_List implements Countable
{
    abstract public function count(); //= warning
}

interface Has_Count extends Countable
{
    public function total(); //= clean
}

class Old_Token implements Serializable //= warning
{
    private $token;

    public function serialize()
    {
        return serialize($this->token); //= clean
    }

    public function unserialize($data)
    {
        $this->token = unserialize($data); //= clean
    }
}

class New_Token implements Serializable //= clean
{
    private $token;

    public function serialize() { return serialize($this->token); }
    public function unserialize($data) { $this->token = unserialize($data); }
    public function __serialize() { return array($this->token); }
    public function __unserialize($data) { list($this->token) = $data; }
}

class My_Queue implements Some\Serializable //= clean
{
    public function serialize() { return ''; }
}

class My_Exception extends Exception
{
    public function render() { return $this->getMessage(); } //= clean
}

class My_Heap extends SplMinHeap
{
    public function compare($a, $b) //= warning
    {
        return $b - $a;
    }
}

$list = new class implements Countable {
    public function count() //= warning
    {
        return 0;
    }
};
