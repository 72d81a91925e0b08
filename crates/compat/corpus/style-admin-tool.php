<?php // corpus: to=8.2
session_start();
include_once 'config.inc.php';
include_once("lib/functions.php");

$action = isset($_REQUEST['action']) ? $_REQUEST['action'] : 'list'; //= clean
$msg = "";

if ($_SERVER['REQUEST_METHOD'] == 'POST') {
    foreach ($_POST as $k => $v) {
        $_POST[$k] = is_array($v) ? $v : trim($v); //= clean
    }
    switch ($action) {
        case 'save':
            $sql = "UPDATE customers SET name='" . mysql_escape_string($_POST['name']) . "'"; //= error
            $sql .= sprintf(" WHERE id=%d", $_POST['id']); //= clean
            if (!mysql_db_query($dbname, $sql)) { //= error
                $msg = "Error: ${sql}"; //= warning
            } else {
                $msg = "Saved";
            }
            break;
        case 'delete':
            $ok = @mysql_query("DELETE FROM customers WHERE id=" . (int)$_POST['id']) or die(mysql_error()); //= error
            break;
        case 'import':
            $fp = fopen($_FILES['csv']['tmp_name'], 'r');
            while (($row = fgetcsv($fp, 1000, ';')) !== FALSE) { //= clean
                $row = array_map("utf8_encode", $row); //= warning
                list($name, $mail, $born) = $row; //= clean
                list($d, $m, $y) = split("\.", $born); //= error
                if (!eregi("^[^@]+@[^@]+$", $mail)) continue; //= error
                $born = mktime(0, 0, 0, $m, $d, $y); //= clean
                $pass = crypt($mail); //= error
                $key = md5(uniqid(rand(), true)); //= clean
            }
            fclose($fp);
            break;
        case 'mail':
            $subject = "=?UTF-8?B?" . base64_encode($_POST['subject']) . "?="; //= clean
            $body = convert_cyr_string($_POST['body'], 'w', 'k'); //= error
            mail($_POST['to'], $subject, $body, "From: shop@example.com"); //= clean
            break;
    }
}
?>
<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">
<html>
<head><title>Customers</title></head>
<body onload="each(document.forms)"> //= clean
<?php if ($msg): ?><p class="msg"><?php echo $msg ?></p><?php endif ?>
<table border=1>
<?php
$res = mysql_query("SELECT * FROM customers ORDER BY name"); //= error
$n = mysql_numrows($res); //= error
for ($i = 0; $i < $n; $i++) {
    $id = mysql_result($res, $i, "id"); //= error
    $name = mysql_result($res, $i, "name"); //= error
    ?>
    <tr bgcolor="<?php echo $i % 2 ? '#fff' : '#eee'; //= clean
    ?>">
        <td><?php echo $id ?></td>
        <td><?php print htmlspecialchars($name, ENT_QUOTES, 'ISO-8859-1'); //= clean
        ?></td>
        <td><?php printf("%s", money_format('%i', $total[$id])); //= error
        ?></td>
        <td><a href="?action=edit&id=<?php echo $id ?>">mysql_fetch_row</a></td> //= clean
    </tr>
    <?php
}
mysql_freeresult($res); //= error
?>
</table>
<p>Total: <?php echo number_format($sum, 2, ',', '.'); //= clean
?></p>
</body>
</html>
