<?php

namespace App\Mail;

final class Sender
{
    public static function address(): string
    {
        return getenv('MAILER_SENDER') ?: 'noreply@atlas-crm.eu';
    }

    public static function dsn(): string
    {
        return $_SERVER['MAILER_DSN'];
    }
}
