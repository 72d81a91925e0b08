<?php // corpus: to=8.2
$title = 'x';
?>
<ul>
  <li><?php echo $a ? 'one' : 'two'; //= clean
  ?></li>
  <li><?= $a == 1 ? 'one' : $a == 2 ? 'two' : 'many'; //= error
  ?></li>
</ul>
