<?php // corpus: to=8.2

function unpack_all($file, $target)
{
    $zip = zip_open($file); //= warning
    while ($entry = zip_read($zip)) { //= warning
        $name = zip_entry_name($entry); //= warning
        if (zip_entry_filesize($entry) > 1000000) { //= warning
            continue;
        }
        if (zip_entry_open($zip, $entry, 'r')) { //= warning
            file_put_contents($target . '/' . $name, zip_entry_read($entry, zip_entry_filesize($entry))); //= warning
            zip_entry_close($entry); //= warning
        }
        echo zip_entry_compressedsize($entry), zip_entry_compressionmethod($entry); //= warning
    }
    zip_close($zip); //= warning
    return true;
}

function unpack_now($file, $target)
{
    $zip = new ZipArchive();
    if ($zip->open($file) === true) { //= clean
        $zip->extractTo($target); //= clean
        for ($i = 0; $i < $zip->numFiles; $i++) { //= clean
            echo $zip->getNameIndex($i); //= clean
        }
        $zip->close(); //= clean
    }
}

function spell($words)
{
    $broker = enchant_broker_init(); //= clean
    enchant_broker_set_dict_path($broker, ENCHANT_MYSPELL, '/usr/share/myspell'); //= warning
    echo enchant_broker_get_dict_path($broker, ENCHANT_ISPELL); //= warning
    $dict = enchant_broker_request_dict($broker, 'en_US'); //= clean
    foreach ($words as $w) {
        if (!enchant_dict_check($dict, $w)) { //= clean
            enchant_dict_add_to_personal($dict, $w); //= warning
        }
        if (enchant_dict_is_in_session($dict, $w)) { //= warning
            enchant_dict_add_to_session($dict, $w); //= clean
        }
    }
    enchant_broker_free_dict($dict); //= warning
    enchant_broker_free($broker); //= warning
}

function keys($pem)
{
    $key = openssl_pkey_get_private($pem); //= clean
    $public = openssl_get_publickey($pem); //= clean
    openssl_free_key($key); //= warning
    openssl_pkey_free($public); //= warning
    $cert = openssl_x509_read($pem); //= clean
    openssl_x509_free($cert); //= warning
    $id = shmop_open(0xff3, 'c', 0644, 100); //= clean
    shmop_write($id, 'x', 0); //= clean
    shmop_close($id); //= warning
}
