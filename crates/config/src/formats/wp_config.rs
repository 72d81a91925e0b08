//! WordPress' wp-config.php: a PHP file, of which the constants and `$table_prefix` count. `getenv_docker('X', default)` of the official
//! image is the variable X, or the content of the file that X_FILE names, which is not known here.

use super::php;
use crate::source::{Input, Read};

/// Reads a wp-config.php.
pub(super) fn read(input: &Input<'_>) -> Read {
    php::read_with(input, |variable| variable == "table_prefix")
}
