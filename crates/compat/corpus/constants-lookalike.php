<?php // corpus: to=8.2
namespace Forum;

use const Forum\Legacy\MCRYPT_RAND;
use const Forum\Legacy\MYSQL_NUM as NUMERIC;
use function Forum\Legacy\mysql_query as run;

const FILTER_FLAG_HOST_REQUIRED = 1; //= clean
const MYSQL_ASSOC = 'assoc'; //= clean
define('Forum\MYSQL_BOTH', 'both'); //= clean

echo FILTER_FLAG_HOST_REQUIRED; //= clean
echo \Forum\FILTER_FLAG_HOST_REQUIRED; //= clean
echo namespace\FILTER_FLAG_HOST_REQUIRED; //= clean
echo \FILTER_FLAG_HOST_REQUIRED; //= error
echo MYSQL_ASSOC; //= clean
echo \MYSQL_ASSOC; //= error
echo MCRYPT_RAND; //= clean
echo \MCRYPT_RAND; //= error
echo NUMERIC; //= clean
echo MYSQL_NUM; //= error
echo run('SELECT 1'); //= clean
echo Legacy\MCRYPT_MODE_ECB; //= clean
echo MCRYPT_MODE_ECB; //= error

class Row
{
    public const MYSQL_NUM = 2; //= clean
    public $MYSQL_NUM = 2; //= clean
    public function MYSQL_NUM() { return self::MYSQL_NUM; } //= clean
}

$row = new Row();
echo $row->MYSQL_NUM, Row::MYSQL_NUM, $row->MYSQL_NUM(), $row::MYSQL_NUM; //= clean
$map = ['MYSQL_NUM' => 1]; //= clean
$map = [MYSQL_NUM => 1]; //= error
echo "MYSQL_NUM $map[MYSQL_NUM]"; //= clean
echo "{$map['MYSQL_NUM']}"; //= clean
echo "{$map[MYSQL_NUM]}"; //= error
MYSQL_NUM: //= clean
echo constant('Forum\MYSQL_BOTH'); //= clean
