<?php // corpus: to=8.2

class Importer
{
    /** @var DOMDocument */
    private $dom;

    /** @var SplFixedArray|null */
    protected $rows;

    private ?SplFileObject $file = null;

    public function __construct($path)
    {
        $this->file = new SplFileObject($path);
        $this->dom = new DOMDocument('1.0', 'UTF-8');
        $this->rows = new SplFixedArray(10);
    }

    public function lines()
    {
        $out = array();
        while (!$this->file->eof()) { //= clean
            $out[] = $this->file->fgetss(); //= error
            $out[] = $this->file->fgets(); //= clean
        }
        return $out;
    }

    public function all()
    {
        $f = new SplFileObject('data.txt');
        $f->rewind(); //= clean
        $line = $f->fgetss('<b>'); //= error
        $temp = new SplTempFileObject();
        $temp->fgetss(); //= error
        return $line . $f->current(); //= clean
    }

    public function fixed()
    {
        $array = new SplFixedArray(3);
        $array->rewind(); //= error
        while ($array->valid()) { //= error
            echo $array->key(), '=', $array->current(); //= error
            $array->next(); //= error
        }
        foreach ($array as $k => $v) { //= clean
            echo $k, $array[$k], $array->offsetGet($k); //= clean
        }
        $it = new ArrayIterator(array(1, 2));
        for ($it->rewind(); $it->valid(); $it->next()) { //= clean
            echo $it->key(), $it->current(); //= clean
        }
        return $array->getSize(); //= clean
    }

    public function fixedProperty()
    {
        $this->rows->rewind(); //= error
        return $this->rows->toArray(); //= clean
    }

    public function fixedParam(SplFixedArray $rows, Iterator $others)
    {
        $others->rewind(); //= clean
        $rows->rewind(); //= error
        return $rows->current() + $others->current(); //= error
    }

    public function dom(DOMNode $a, DOMNode $b, DOMText $text, DOMElement $e)
    {
        if ($a->isSameNode($b)) { //= clean
            return true;
        }
        $a->setUserData('k', 'v', null); //= error
        echo $a->getUserData('k'); //= error
        if ($a->getFeature('XML', '1.0')) { //= error
            $text->replaceWholeText('x'); //= error
        }
        $e->attributes->length; //= clean
        $this->dom->renameNode($a, 'urn:x', 'y'); //= error
        $this->dom->normalizeDocument(); //= clean
        return $a->hasChildNodes(); //= clean
    }

    public function map(DOMNamedNodeMap $map, DOMNode $n)
    {
        $map->setNamedItem($n); //= error
        $map->removeNamedItem('x'); //= error
        return $map->getNamedItem('x'); //= clean
    }

    public function intl(IntlDateFormatter $f)
    {
        $f->setTimeZoneId('Europe/Berlin'); //= error
        $f->setTimeZone('Europe/Berlin'); //= clean
        return $f->format(time()); //= clean
    }

    public function classes($x)
    {
        if ($x instanceof DOMNodeList) { //= clean
            return null;
        }
        new DOMUserDataHandler(); //= error
        return new DOMNodeList(); //= clean
    }

    public function renameNode($node) //= clean
    {
        $this->renameNode($node); //= clean
        return Tree::renameNode($node); //= clean
    }
}

class Fixed_Rows
{
    private $i = 0;

    public function rewind() { $this->i = 0; } //= clean
    public function valid() { return $this->i < 3; } //= clean
    public function fgetss() { return ''; } //= clean
}

$rows = new Fixed_Rows();
$rows->rewind(); //= clean
echo $rows->valid(), $rows->fgetss(); //= clean

class My_File extends SplFileObject
{
    public function plain()
    {
        return $this->fgetss(); //= error
    }

    public function plainParent()
    {
        return parent::fgets(); //= clean
    }
}
