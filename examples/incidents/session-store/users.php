<?php
// Users of the shop, until the file that is named is gone: each logs in and looks at the basket a few times.
// Writes how many requests there were and how many failed.

require __DIR__ . '/project/web/checks/user.php';

[, $shop, $while, $result] = $argv;
$requests = $failed = 0;
for ($number = 1; file_exists($while); $number++) {
    $user = new User($shop, $shop);
    $statuses = [$user->login("user-$number")];
    for ($visit = 0; $visit < 4; $visit++) {
        $statuses[] = $user->basket();
        usleep(10_000);
        clearstatcache();
    }
    $requests += count($statuses);
    $failed += count(array_filter($statuses, fn ($status) => $status !== 200));
    file_put_contents($result, "$requests $failed\n");
}
