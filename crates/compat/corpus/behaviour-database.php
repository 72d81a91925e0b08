<?php // corpus: to=8.2

function connect_pdo($dsn, $user, $password)
{
    $a = new PDO($dsn, $user, $password); //= warning
    $b = new PDO($dsn, $user, $password, array(PDO::ATTR_ERRMODE => PDO::ERRMODE_SILENT)); //= clean
    $c = new PDO($dsn, $user, $password, array(PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION)); //= clean
    return array($a, $b, $c);
}

function connect_mysqli($host, $user, $password)
{
    $a = mysqli_connect($host, $user, $password); //= warning
    if (!$a) {
        die(mysqli_connect_error()); //= clean
    }
    $b = new mysqli($host, $user, $password, 'shop'); //= warning
    return mysqli_query($a, 'SELECT 1') || $b->query('SELECT 1'); //= clean
}
