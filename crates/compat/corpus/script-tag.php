<?php // corpus: to=8.2
echo 1; //= clean
?>
<script type="text/javascript">var php = "language";</script> //= clean
<script language="javascript">var a = 1;</script> //= clean
<script language="php"> //= error
    echo 2;
</script>
