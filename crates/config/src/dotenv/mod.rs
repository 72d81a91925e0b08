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

use std::fs;
use std::io;
use std::path::Path;

use sternway_core::finding::{Finding, Place};

pub use self::parse::parse;
pub use self::print::print;

use crate::source::{Read, Source};

/// A dotenv file.
#[derive(Debug)]
pub struct Dotenv<'a> {
    /// Its path, relative to the project's folder.
    pub path: &'a str,
    /// Where sternway.toml names it.
    pub place: &'a Place,
}

impl Source for Dotenv<'_> {
    fn layer(&self) -> String {
        format!("dotenv:{}", self.path)
    }

    fn read(&self, project: &Path) -> Read {
        match fs::read(project.join(self.path)) {
            Ok(bytes) => parse(&bytes, self.path),
            Err(error) => Read { assignments: Vec::new(), findings: vec![self.unreadable(&error)] },
        }
    }
}

impl Dotenv<'_> {
    fn unreadable(&self, error: &io::Error) -> Finding {
        let (message, hint) = if error.kind() == io::ErrorKind::NotFound {
            let hint =
                "make the file, an empty one too, or take it out of `config`; its path is relative to sternway.toml";
            ("the file is not there".to_owned(), hint)
        } else {
            (format!("the file cannot be read: {error}"), "let the user who runs `sternway` read it")
        };
        Finding::error("S0202", self.path, message).at(&self.place.file, self.place.line, self.place.column).hint(hint)
    }
}
