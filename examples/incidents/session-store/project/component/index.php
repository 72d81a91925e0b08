<?php
// A component of the shop: shows the basket of the user whose session the front has begun.

const COOKIE = 'shop';

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/component/up') {
    echo "up\n";
    return;
}
ini_set('session.save_handler', 'redis');
ini_set('session.save_path', getenv('SESSION_REDIS'));
session_name(COOKIE);
session_start();
if (!isset($_SESSION['user'])) {
    http_response_code(401);
    echo "who are you?\n";
    return;
}
echo "The basket of {$_SESSION['user']} has room for " . getenv('BASKET_SIZE') . ".\n";
