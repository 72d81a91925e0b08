<?php
// The shop's front: logs users in, and keeps them logged in by a session in Redis.

const COOKIE = 'shop';

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/up') {
    echo "up\n";
    return;
}
ini_set('session.save_handler', 'redis');
ini_set('session.save_path', getenv('SESSION_DSN'));
session_name(COOKIE);
session_start();
if ($path === '/login' && $_SERVER['REQUEST_METHOD'] === 'POST') {
    $_SESSION['user'] = $_POST['user'];
}
if (!isset($_SESSION['user'])) {
    http_response_code(401);
    echo "log in, please\n";
    return;
}
echo "Hello, {$_SESSION['user']}.\n";
