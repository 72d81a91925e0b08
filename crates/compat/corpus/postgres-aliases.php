<?php // corpus: to=8.2

class Pg_Driver
{
    private $link;
    private $result;

    public function __construct($dsn)
    {
        $this->link = pg_connect($dsn); //= clean
        pg_setclientencoding($this->link, 'UTF8'); //= warning
        pg_set_client_encoding($this->link, 'UTF8'); //= clean
    }

    public function query($sql)
    {
        $this->result = pg_query($this->link, $sql); //= clean
        if (!$this->result) {
            throw new RuntimeException(pg_errormessage($this->link)); //= warning
        }
        return pg_numrows($this->result); //= warning
    }

    public function meta()
    {
        $meta = array();
        for ($i = 0; $i < pg_numfields($this->result); $i++) { //= warning
            $meta[] = array(
                'name' => pg_fieldname($this->result, $i), //= warning
                'type' => pg_fieldtype($this->result, $i), //= warning
                'size' => pg_fieldsize($this->result, $i), //= warning
                'num' => pg_field_num($this->result, 'id'), //= clean
                'table' => pg_field_table($this->result, $i), //= clean
            );
        }
        return $meta;
    }

    public function one()
    {
        if (pg_fieldisnull($this->result, 0, 'id')) { //= warning
            return null;
        }
        $len = pg_fieldprtlen($this->result, 0, 'id'); //= warning
        return array($len, PG_Result($this->result, 0, 'id')); //= warning
    }

    public function affected()
    {
        $n = pg_cmdtuples($this->result); //= warning
        $oid = pg_getlastoid($this->result); //= warning
        pg_freeresult($this->result); //= warning
        return $n ?: $oid;
    }

    public function blob($oid)
    {
        $fd = pg_loopen($this->link, $oid, 'r'); //= warning
        $data = pg_loread($fd, 1024); //= warning
        pg_lowrite($fd, 'x'); //= warning
        pg_loclose($fd); //= warning
        pg_lounlink($this->link, $oid); //= warning
        $new = pg_locreate($this->link); //= warning
        pg_loexport($this->link, $oid, '/tmp/x'); //= warning
        $in = pg_loimport($this->link, '/tmp/x'); //= warning
        pg_lo_close($fd); //= clean
        return array($data, $new, $in, pg_clientencoding($this->link)); //= warning
    }

    public function pg_numrows() { return 0; } //= clean
}

$d = new Pg_Driver('dbname=x');
$d->pg_numrows(); //= clean
