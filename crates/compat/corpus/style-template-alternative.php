<?php // corpus: to=8.2
/** @var array $items */
/** @var string $title */
?>
<div class="list">
  <h2><?php echo $title; //= clean
  ?></h2>
  <?php if (count($items) > 0): //= clean
  ?>
  <ul>
    <?php foreach ($items as $id => $item): //= clean
    ?>
      <li id="item-<?php echo $id ?>">
        <?php echo utf8_decode($item['name']); //= warning
        ?>
        <?php if (get_magic_quotes_gpc()): //= error
        ?>
          <em><?php echo stripslashes($item['text']); //= clean
          ?></em>
        <?php elseif (function_exists('get_magic_quotes_runtime') && get_magic_quotes_runtime()): //= clean
        ?>
          <em>runtime</em>
        <?php else: ?>
          <em><?php echo "text ${item['text']}"; //= warning
          ?></em>
        <?php endif; ?>
      </li>
    <?php endforeach; ?>
  </ul>
  <?php else: ?>
    <p><?php echo strftime('%A', $now); //= warning
    ?></p>
  <?php endif; ?>
  <?php while (list($k, $v) = each($options)): //= error
  ?>
    <option value="<?php echo $k ?>"><?php echo $v ?></option>
  <?php endwhile; ?>
  <?php switch ($kind): case 'a': ?>
    <p>each($options) in text</p> //= clean
  <?php break; case 'b': ?>
    <p><?php echo implode($tags, ', '); //= error
    ?></p>
  <?php endswitch; ?>
  <?php for ($i = 0; $i < sizeof($items); $i++): //= clean
  ?>
    <b><?php echo $items[$i]['each']; //= clean
    ?></b>
  <?php endfor; ?>
  <script>
    var f = function () { return each(split(",")); }; //= clean
    var t = `${f}`; //= clean
  </script>
  <style>.mysql_query { color: red } /* ereg() */</style> //= clean
</div>
