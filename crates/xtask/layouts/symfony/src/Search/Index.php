<?php

namespace App\Search;

final class Index
{
    public function name(string $kind): string
    {
        return $_ENV['SEARCH_INDEX_PREFIX'] . $kind;
    }

    public function url(): string
    {
        return $_ENV['SEARCH_URL'];
    }

    public function limit(): int
    {
        return (int) ($_ENV['UPLOAD_MAX_MB'] ?? 10);
    }
}
