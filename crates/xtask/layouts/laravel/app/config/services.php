<?php

return [
    'payment' => [
        'url' => env('PAYMENT_API_URL'),
        'webhook_secret' => env('PAYMENT_WEBHOOK_SECRET'),
    ],
    'media' => [
        'region' => env('AWS_DEFAULT_REGION', 'eu-west-1'),
        'bucket' => env('AWS_BUCKET'),
    ],
];
