<?php // corpus: to=8.2
?>
<h1>{0} and {$x{0}} are text here</h1> //= clean
<p><?php echo $title{0}; //= error
?></p>
