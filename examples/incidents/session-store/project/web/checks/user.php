<?php
// A browser with cookies, as far as it is needed here.

class User
{
    private array $cookies = [];

    public function __construct(private string $web, private string $component)
    {
    }

    /** The status of a log-in at the front; 0 when there was no answer. */
    public function login(string $name): int
    {
        return $this->ask('POST', "$this->web/login", 'user=' . urlencode($name));
    }

    /** The status of the component's page. */
    public function basket(): int
    {
        return $this->ask('GET', "$this->component/component/basket");
    }

    private function ask(string $method, string $url, string $body = ''): int
    {
        $cookies = implode('; ', array_map(fn ($name, $value) => "$name=$value", array_keys($this->cookies), $this->cookies));
        $headers = ['Content-Type: application/x-www-form-urlencoded', 'Connection: close'];
        if ($cookies !== '') {
            $headers[] = "Cookie: $cookies";
        }
        $http = ['method' => $method, 'header' => $headers, 'content' => $body, 'ignore_errors' => true, 'timeout' => 4];
        if (@file_get_contents($url, false, stream_context_create(['http' => $http])) === false) {
            return 0;
        }
        foreach ($http_response_header as $line) {
            if (preg_match('/^set-cookie: *([^=]+)=([^;]*)/i', $line, $found)) {
                $this->cookies[$found[1]] = $found[2];
            }
        }
        return (int) explode(' ', $http_response_header[0])[1];
    }
}
