<?php // corpus: to=8.2

namespace Legacy\Bridge;

/**
 * Talks to the old ERP: XML-RPC, WDDX, Interbase and recode.
 */
class ErpClient
{
    private $ibase;

    public function call($method, array $params)
    {
        $body = xmlrpc_encode_request($method, $params, array('encoding' => 'utf-8')); //= error
        $context = stream_context_create(array('http' => array('method' => 'POST', 'content' => $body))); //= clean
        $answer = file_get_contents('http://erp.example/RPC2', false, $context);
        $value = xmlrpc_decode($answer); //= error
        if (is_array($value) && xmlrpc_is_fault($value)) { //= error
            throw new \RuntimeException($value['faultString']);
        }
        return $value;
    }

    public function serve($request)
    {
        $server = \xmlrpc_server_create(); //= error
        \xmlrpc_server_register_method($server, 'ping', array($this, 'ping')); //= error
        return \xmlrpc_server_call_method($server, $request, null); //= error
    }

    public function wddx($value)
    {
        $packet = wddx_serialize_value($value); //= error
        $vars = wddx_serialize_vars('packet', 'value'); //= error
        return wddx_deserialize($packet) ?: $vars; //= error
    }

    public function orders()
    {
        $this->ibase = ibase_connect('erp:/data/erp.fdb', 'SYSDBA', 'masterkey'); //= error
        $rs = ibase_query($this->ibase, 'SELECT ID, NAME FROM ORDERS'); //= error
        $rows = array();
        while ($row = ibase_fetch_assoc($rs)) { //= error
            $rows[] = recode_string('latin1..utf8', $row['NAME']); //= error
        }
        ibase_free_result($rs); //= error
        return $rows;
    }

    public function text($text)
    {
        if (function_exists('recode_string')) {
            return recode_string('latin1..utf8', $text); //= clean
        }
        return iconv('ISO-8859-1', 'UTF-8', $text); //= clean
    }

    public function ping()
    {
        return 'xmlrpc_decode'; //= clean
    }
}

function xmlrpc_encode($value) //= clean
{
    return json_encode($value); //= clean
}

echo xmlrpc_encode(array(1, 2)); //= clean
echo \xmlrpc_encode(array(1, 2)); //= error

if (!\extension_loaded('xmlrpc')) {
    exit('needs xmlrpc');
}
echo xmlrpc_get_type(1); //= clean
