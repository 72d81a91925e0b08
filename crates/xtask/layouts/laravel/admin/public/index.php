<?php

$redis = new Redis();
$redis->connect(env('REDIS_HOST'), (int) env('REDIS_PORT', 6379));
$redis->auth(env('REDIS_PASSWORD'));
$redis->select((int) env('REDIS_SESSION_DB'));
$redis->setOption(Redis::OPT_PREFIX, env('REDIS_PREFIX'));
