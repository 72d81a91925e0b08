<?php // corpus: to=8.2
namespace Framework\Di;

use ReflectionClass;
use ReflectionMethod;
use ReflectionParameter as Param;

/** A container of 2014: builds objects by their constructors' type hints. */
class Container
{
    /** @var \ReflectionFunction */
    private $factory;

    /** @var \ReflectionParameter[] */
    private $params = [];

    private \ReflectionParameter $typed;

    private Thing $thing;

    public function resolve(\ReflectionParameter $parameter)
    {
        $class = $parameter->getClass(); //= warning
        if ($class === null && $parameter->isArray()) { //= warning
            return [];
        }
        if ($parameter->isCallable()) { //= warning
            return function () {};
        }
        if ($parameter->isDefaultValueAvailable()) { //= clean
            return $parameter->getDefaultValue(); //= clean
        }
        return $parameter->getType(); //= clean
    }

    public function resolveAliased(Param $p)
    {
        return $p->getClass(); //= warning
    }

    public function resolveNew($fn, $i)
    {
        $p = new \ReflectionParameter($fn, $i);
        if ($p->isArray()) { //= warning
            return $p->name; //= clean
        }
        return (new \ReflectionParameter($fn, $i))->getClass(); //= warning
    }

    /**
     * @param \ReflectionParameter $p
     */
    public function resolveDoc($p)
    {
        return $p->getClass(); //= warning
    }

    public function resolveInline(array $list)
    {
        foreach ($list as $p) {
            /** @var \ReflectionParameter $p */
            echo $p->getClass(); //= warning
        }
    }

    public function resolveTyped()
    {
        return $this->typed->getClass(); //= warning
    }

    public function resolveDocProperty()
    {
        return $this->factory->isDisabled(); //= warning
    }

    public function resolveNullable(?\ReflectionParameter $p)
    {
        return $p ? $p->getClass() : null; //= warning
    }

    public function resolveUnknown($p)
    {
        return $p->getClass(); //= clean
    }

    public function resolveThing(Thing $p)
    {
        return $p->getClass() . $this->thing->isArray(); //= clean
    }

    public function resolveReassigned($fn)
    {
        $p = new \ReflectionParameter($fn, 0);
        $p = new Thing();
        return $p->getClass(); //= clean
    }

    public function getClass() //= clean
    {
        return $this->getClass(); //= clean
    }

    public function export()
    {
        ReflectionClass::export('Foo'); //= error
        $text = ReflectionMethod::export('Foo', 'bar', true); //= error
        $text .= \ReflectionFunction::export('strlen', true); //= error
        $text .= \reflectionproperty::EXPORT('Foo', 'bar', true); //= error
        $text .= \ReflectionExtension::export('standard', true); //= error
        $text .= Param::export('strlen', 0, true); //= error
        $text .= Thing::export('Foo'); //= clean
        $text .= self::exportAll('Foo'); //= clean
        $text .= new ReflectionClass('Foo'); //= clean
        return $text;
    }

    public static function exportAll($name)
    {
        return (string) new ReflectionMethod($name, 'run'); //= clean
    }

    public function modifiers(ReflectionMethod $m)
    {
        $m->setAccessible(true); //= clean
        return \Reflection::getModifierNames($m->getModifiers()); //= clean
    }

    public function closure()
    {
        return array_map(function (\ReflectionParameter $p) {
            return $p->getClass(); //= warning
        }, $this->params);
    }

    public function arrow()
    {
        return array_map(fn (Param $p) => $p->isCallable(), $this->params); //= warning
    }

    public function shadow(\ReflectionParameter $p)
    {
        return array_map(function ($p) {
            return $p->getClass(); //= clean
        }, $this->params);
    }
}

class Thing
{
    public function getClass() { return 'x'; } //= clean
    public function isArray() { return false; } //= clean
    public static function export($x) { return $x; } //= clean
}

class ReflectionFunction extends \ReflectionFunction
{
}
