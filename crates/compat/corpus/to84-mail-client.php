<?php // corpus: to=8.4

class Imap_Client
{
    private $mbox;

    public function __construct($host, $user, $password)
    {
        $this->mbox = imap_open('{' . $host . '}INBOX', $user, $password, OP_READONLY); //= error
        if (!$this->mbox) {
            throw new RuntimeException(imap_last_error()); //= error
        }
    }

    public function headers()
    {
        $out = array();
        for ($i = 1; $i <= imap_num_msg($this->mbox); $i++) { //= error
            $h = imap_headerinfo($this->mbox, $i); //= error
            $out[] = imap_utf8($h->subject); //= error
            $uid = imap_uid($this->mbox, $i); //= error
            imap_setflag_full($this->mbox, $uid, '\\Seen', ST_UID); //= error
        }
        return $out;
    }

    public function body($n)
    {
        $structure = imap_fetchstructure($this->mbox, $n); //= error
        $body = imap_fetchbody($this->mbox, $n, '1', FT_PEEK); //= error
        switch ($structure->encoding) {
            case ENCBASE64: //= error
                return imap_base64($body); //= error
            case ENCQUOTEDPRINTABLE: //= error
                return quoted_printable_decode($body); //= clean
        }
        return imap_qprint($body); //= error
    }

    public function search($text)
    {
        if (!extension_loaded('imap')) {
            return array(); //= clean
        }
        return imap_search($this->mbox, 'TEXT "' . $text . '"', SE_UID); //= clean
    }

    public function close()
    {
        imap_expunge($this->mbox); //= error
        imap_close($this->mbox, CL_EXPUNGE); //= error
    }

    public function imap_sort() { return array(); } //= clean

    public function sorted()
    {
        return $this->imap_sort(); //= clean
    }

    public function oracle()
    {
        $c = oci_connect('scott', 'tiger', 'orcl'); //= error
        $s = oci_parse($c, 'SELECT * FROM emp'); //= error
        oci_execute($s); //= error
        while ($row = oci_fetch_assoc($s)) { //= error
            echo $row['ENAME'];
        }
        oci_free_statement($s); //= error
        oci_close($c); //= error
        return OCI_ASSOC; //= error
    }

    public function spelling($word)
    {
        $p = pspell_new('en'); //= error
        if (pspell_check($p, $word)) { //= error
            return array();
        }
        return pspell_suggest($p, $word); //= error
    }
}
