<?php // corpus: to=8.2

mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT); //= clean
$link = mysqli_connect('localhost', 'shop', 'secret', 'shop'); //= clean
$db = new mysqli('localhost', 'shop', 'secret', 'shop'); //= clean
$db->set_charset('utf8mb4'); //= clean

class Db extends mysqli
{
    public function rows($sql)
    {
        return $this->query($sql)->fetch_all(MYSQLI_ASSOC); //= clean
    }
}
