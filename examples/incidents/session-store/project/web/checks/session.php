<?php
// Logs in at the front and asks the component, as a user does. Before there is traffic both are the candidate's own instances.

require __DIR__ . '/user.php';

$user = new User(getenv('STERNWAY_URL_WEB'), getenv('STERNWAY_URL_COMPONENT'));
if ($user->login('check') !== 200) {
    echo "the front does not log in\n";
    exit(1);
}
$status = $user->basket();
if ($status !== 200) {
    echo "the component answers a user who is logged in with $status\n";
    exit(1);
}
