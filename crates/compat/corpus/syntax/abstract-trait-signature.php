<?php // corpus: to=8.2 from=7.4
trait Needs
{
    abstract protected function name(): string; //= clean
}
class Thing
{
    use Needs;
    protected function name(): int { return 1; } //= error
}
