<?php // corpus: to=8.2

namespace Acme\DemoBundle\DependencyInjection;

use Symfony\Component\Config\Definition\Builder\TreeBuilder;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\Security\Core\User\UserInterface;
use function Acme\DemoBundle\Util\each;
use function Acme\DemoBundle\Util\{money_format, create_function as make_function};

final class Configuration
{
    private ?\SplObjectStorage $listeners = null;

    public function getConfigTreeBuilder()
    {
        $treeBuilder = new TreeBuilder();
        $treeBuilder->root('acme')
            ->children()
                ->arrayNode('each')->end() //= clean
                ->scalarNode('split')->defaultNull()->end() //= clean
            ->end();
        return $treeBuilder;
    }

    public function run(array $list, Request $request)
    {
        while ($pair = each($list)) { //= clean
            echo money_format('%n', $pair[1]); //= clean
        }
        $f = make_function('$a', 'return $a;'); //= clean
        $g = create_function('$a', 'return $a;'); //= error
        $h = \each($list); //= error
        $i = \money_format('%n', 3); //= error
        $this->listeners->attach($f); //= clean
        return [$f, $g, $h, $i, $request->get('each')]; //= clean
    }
}

class User implements UserInterface, \Serializable //= warning
{
    private $id;
    private $username;

    public function serialize()
    {
        return serialize(array($this->id, $this->username)); //= clean
    }

    public function unserialize($serialized)
    {
        list($this->id, $this->username) = unserialize($serialized); //= clean
    }

    public function __toString()
    {
        return (string) $this->username; //= clean
    }
}

class Token implements \Serializable //= clean
{
    private $data = array();

    public function serialize() { return serialize($this->__serialize()); } //= clean
    public function unserialize($data) { $this->__unserialize(unserialize($data)); }
    public function __serialize(): array { return $this->data; } //= clean
    public function __unserialize(array $data): void { $this->data = $data; } //= clean
}

class PdoSessionHandler implements \SessionHandlerInterface
{
    public function open(string $path, string $name): bool { return true; } //= clean
    public function close(): bool { return true; } //= clean
    public function read(string $id): string|false { return ''; } //= clean
    public function write(string $id, string $data): bool { return true; } //= clean
    public function destroy(string $id): bool { return true; } //= clean
    public function gc(int $max) { return 1; } //= warning
}

class Dumper
{
    public function dump($value)
    {
        $reflection = new \ReflectionObject($value);
        foreach ($reflection->getProperties() as $property) {
            $property->setAccessible(true); //= clean
            yield $property->getName() => $property->getValue($value); //= clean
        }
        if (PHP_VERSION_ID < 80000) {
            libxml_disable_entity_loader(true); //= clean
        }
        $old = \PHP_VERSION_ID < 80000 ? libxml_disable_entity_loader(true) : null; //= clean
        $disabled = libxml_disable_entity_loader(); //= warning
        try {
            $this->load();
        } finally {
            libxml_disable_entity_loader($disabled); //= warning
        }
        return $old;
    }

    private function load()
    {
        return \get_magic_quotes_runtime(); //= error
    }
}
