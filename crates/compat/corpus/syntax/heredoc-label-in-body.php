<?php // corpus: to=8.2
$sql = <<<END
    SELECT 1
  END AS x //= error
END;
