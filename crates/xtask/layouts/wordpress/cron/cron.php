<?php
require __DIR__ . '/../site/wp-config.php';

$db = new PDO(getenv('NEWSLETTER_DB_DSN'), getenv('NEWSLETTER_DB_USER'), getenv('NEWSLETTER_DB_PASSWORD'));
$smtp = fsockopen(getenv('SMTP_HOST'), (int) getenv('SMTP_PORT'));
$login = [getenv('SMTP_USER'), getenv('SMTP_PASS'), getenv('SMTP_SECURE')];
$from = getenv('NEWSLETTER_FROM');

while (true) {
    sleep((int) (getenv('CRON_INTERVAL') ?: 60));
}
