<?php

namespace App\Payments;

final class Client
{
    public function __construct(private string $base = '', private string $secret = '')
    {
        $this->base = config('services.payment.url');
        $this->secret = config('services.payment.webhook_secret');
    }

    public function verify(string $body, string $signature): bool
    {
        return hash_equals(hash_hmac('sha256', $body, $this->secret), $signature);
    }
}
