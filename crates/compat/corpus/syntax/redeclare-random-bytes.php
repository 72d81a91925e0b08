<?php // corpus: to=7.0
function random_bytes($length) //= error
{
    return openssl_random_pseudo_bytes($length);
}
