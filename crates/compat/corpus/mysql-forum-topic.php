<?php // corpus: to=8.2
// viewtopic.php of a bulletin board, PHP mixed with HTML
define('IN_FORUM', true);
require_once './common.inc.php';

$topic_id = isset($_GET['t']) ? intval($_GET['t']) : 0; //= clean
$start = isset($_GET['start']) ? (int) $_GET['start'] : 0;

$sql = "SELECT t.*, f.forum_name
          FROM {$table_prefix}topics t, {$table_prefix}forums f
         WHERE t.topic_id = $topic_id"; //= clean
if (!($result = mysql_query($sql))) { //= error
    message_die('Could not obtain topic: ' . mysql_error()); //= error
}
$topic = mysql_fetch_assoc($result); //= error
if (!$topic) {
    header('HTTP/1.0 404 Not Found');
    exit;
}
mysql_unbuffered_query("UPDATE {$table_prefix}topics SET views = views + 1 WHERE topic_id = $topic_id"); //= error
?>
<html>
<head>
<title><?php echo htmlspecialchars($topic['title'], ENT_QUOTES); //= clean
?></title>
<script type="text/javascript">
  // mysql_query("not php") //= clean
  var parts = window.location.href.split('?'); //= clean
</script>
</head>
<body>
<p>Powered by mysql_connect() and friends.</p> //= clean
<table>
<?php
$posts = mysql_query("SELECT * FROM {$table_prefix}posts WHERE topic_id = $topic_id LIMIT $start, 15"); //= error
while ($post = mysql_fetch_object($posts)): //= error
?>
  <tr class="<?php echo ++$i % 2 ? 'odd' : 'even' ?>">
    <td><?php echo htmlspecialchars($post->username, ENT_QUOTES) ?></td>
    <td><?php if (ereg('^http://', $post->website)): //= error
    ?><a href="<?php echo htmlspecialchars($post->website, ENT_QUOTES) ?>">www</a><?php endif ?></td>
    <td><?= nl2br(eregi_replace('\\[b\\]([^[]*)\\[/b\\]', '<b>\\1</b>', $post->text)); //= error
    ?></td>
  </tr>
<?php endwhile; ?>
</table>
<?php if (mysql_num_rows($posts) == 0): //= error
?>
  <p>No posts yet. Please <a href="post.php?mode=reply">split()</a> the topic.</p> //= clean
<?php else: ?>
  <p><?php echo mysql_num_rows($posts) . ' posts'; //= error
  ?></p>
<?php endif; ?>
<?php foreach (array('read', 'post', 'reply') as $right): ?>
  <span><?php echo $lang['Rules_' . $right]; //= clean
  ?></span>
<?php endforeach ?>
</body>
</html>
