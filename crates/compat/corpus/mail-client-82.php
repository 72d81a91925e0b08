<?php // corpus: to=8.2

// what leaves PHP in 8.4 is still there in 8.2
$mbox = imap_open('{host}INBOX', 'user', 'password', OP_READONLY); //= clean
echo imap_num_msg($mbox); //= clean
$h = imap_headerinfo($mbox, 1); //= clean
$h = imap_header($mbox, 1); //= error
$h = imap_headerinfo($mbox, 1, 0, 0, 'example.com'); //= error
echo imap_utf8($h->subject), ENCBASE64; //= clean
echo NIL; //= warning
$c = oci_connect('scott', 'tiger', 'orcl'); //= clean
$p = pspell_new('en'); //= clean
imap_close($mbox); //= clean
mysqli_ping($link); //= clean
lcg_value(); //= clean
curl_close($ch); //= clean
