<?php // corpus: to=8.2

/**
 * @category Shop
 * @package  Shop_Model
 */
class Shop_Model_Mapper_Order extends Shop_Model_Mapper_Abstract
{
    /**
     * @var Zend_Db_Table_Abstract
     */
    protected $_dbTable;

    protected $_cache = array();

    public function setDbTable($dbTable)
    {
        if (is_string($dbTable)) {
            $dbTable = new $dbTable(); //= clean
        }
        if (!$dbTable instanceof Zend_Db_Table_Abstract) {
            throw new Exception('Invalid table data gateway provided'); //= clean
        }
        $this->_dbTable = $dbTable; //= clean
        return $this;
    }

    public function find($id, Shop_Model_Order $order)
    {
        $result = $this->_dbTable->find($id); //= clean
        if (0 == count($result)) { //= clean
            return;
        }
        $row = $result->current(); //= clean
        reset($this->_cache); //= clean
        $order->setId($row->id)
              ->setEmail($row->email)
              ->setCreated(strftime('%d.%m.%Y', strtotime($row->created))); //= warning
        return $order;
    }

    public function filter($value)
    {
        $filter = new Zend_Filter_StripTags();
        return preg_replace('/(\w+)/e', 'ucfirst("$1")', $filter->filter($value)); //= error
    }

    public function toXml(array $orders)
    {
        $dom = new DOMDocument('1.0', 'UTF-8');
        foreach ($orders as $order) {
            $node = $dom->createElement('order', utf8_encode($order->name)); //= warning
            $dom->appendChild($node); //= clean
            if ($node->isSameNode($dom->firstChild)) { //= clean
                continue; //= clean
            }
        }
        $dom->renameNode($dom->documentElement, '', 'list'); //= error
        return $dom->saveXML(); //= clean
    }

    public function __call($method, $args)
    {
        if (strpos($method, 'findBy') === 0) { //= clean
            return call_user_func_array(array($this, 'find'), $args); //= clean
        }
        return call_user_method_array($method, $this->_dbTable, $args); //= error
    }

    public function __get($name)
    {
        return isset($this->_cache[$name]) ? $this->_cache[$name] : null; //= clean
    }

    public function __set($name, $value)
    {
        $this->_cache[$name] = $value; //= clean
    }

    public function remember($name)
    {
        $this->remembered = $name; //= clean
        return $this->remembered; //= clean
    }
}

class Shop_Acl extends Zend_Acl
{
    public function each($fn) //= clean
    {
        foreach ($this->_roles as $role) {
            call_user_func($fn, $role); //= clean
        }
    }

    public function load($file)
    {
        $lines = file($file);
        $acl = new Shop_Acl();
        $acl->each(create_function('$role', 'echo $role;')); //= error
        foreach ($lines as $line) {
            list($role, $right) = explode(':', $line); //= clean
            $this->allow($role, null, $right); //= clean
        }
        return $acl;
    }
}

class Shop_Session_Handler implements Zend_Session_SaveHandler_Interface
{
    public function open($save_path, $name) { return true; } //= clean
    public function close() { return true; } //= clean
    public function read($id) { return ''; } //= clean
    public function write($id, $data) { return true; } //= clean
    public function destroy($id) { return true; } //= clean
    public function gc($maxlifetime) { return true; } //= clean
}

class Shop_View_Helper_Price extends Zend_View_Helper_Abstract
{
    public function price($amount) //= clean
    {
        return money_format('%.2n', $amount); //= error
    }
}

class Shop_Rows extends Zend_Db_Table_Rowset implements ArrayAccess, Countable
{
    public function toArray() { return array(); } //= clean
}
