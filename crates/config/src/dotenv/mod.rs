//! Dotenv files, in the dialect that the common tools share.
//!
//! - `KEY=value`, `export KEY=value`; spaces around `=` are allowed; lines that are empty or begin with `#` are skipped.
//! - Without quotes the value ends with its line; spaces at its ends are taken off, and a `#` after a space begins a comment.
//! - `'...'` is taken as it is. In `"..."`, `\n`, `\r`, `\t`, `\"`, `\\` and `\$` are escapes; another backslash stays. Both may go over
//!   several lines. After the closing quote only a comment may follow.
//! - Outside of `'...'`, `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME-default}` stand for the value of a key set earlier in
//!   the same file or in an earlier source, never for a variable of the process's environment. `\$` is a plain `$`, and so is one that no
//!   name follows. A reference to a key that is not set, without a default, is an error.
//! - UTF-8, with or without BOM; lines end with LF or CRLF, and CRLF inside quotes becomes LF.

mod cursor;
mod parse;
mod print;

pub use self::parse::parse;
pub use self::print::print;

use crate::source::{Input, Read};

/// Reads a dotenv file.
pub fn read(input: &Input<'_>) -> Read {
    parse(input.bytes, input.file)
}
