//! The languages that are understood. Another one is a file (or folder) beside these and a row in [`LANGUAGES`].

use std::path::Path;

use crate::findings::Findings;
use crate::{php, python, script};

/// One language: which files are of it, which of them are worth parsing, and what they read.
pub(crate) trait Language: Sync {
    /// Ends of file names, without the dot, in small letters.
    fn extensions(&self) -> &'static [&'static str];

    /// Programs that a first line `#!` names, for files without an extension.
    fn interpreters(&self) -> &'static [&'static str];

    /// Whether a file with these bytes could read the environment. May say yes wrongly, never no.
    fn may_read(&self, bytes: &[u8]) -> bool;

    /// What the text reads, in any order.
    fn find(&self, text: &str) -> Findings;
}

const LANGUAGES: &[&dyn Language] =
    &[&php::Php, &script::JAVASCRIPT, &script::TYPESCRIPT, &script::TSX, &script::COMPONENT, &python::Python];

/// The language of a file by its name; `None` when it is of none, or has no extension.
pub(crate) fn by_name(path: &Path) -> Option<&'static dyn Language> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    LANGUAGES.iter().copied().find(|language| language.extensions().contains(&extension.as_str()))
}

/// The language of a file without extension by its first line, as the kernel would run it.
pub(crate) fn by_first_line(bytes: &[u8]) -> Option<&'static dyn Language> {
    let line = bytes.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let program = line
        .split_whitespace()
        .filter(|word| !word.starts_with('-') && !word.contains('='))
        .map(|word| word.rsplit('/').next().unwrap_or(word))
        .find(|word| *word != "env")?;
    let program = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    LANGUAGES.iter().copied().find(|language| language.interpreters().contains(&program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_tells_the_language() {
        for line in ["#!/usr/bin/env php\n", "#!/usr/bin/php8.2 -d x=1\n", "#! /usr/bin/env -S deno run -A\n"] {
            assert!(by_first_line(line.as_bytes()).is_some(), "{line}");
        }
        for line in ["#!/bin/sh\n", "", "#!", "#!/usr/bin/env", "php"] {
            assert!(by_first_line(line.as_bytes()).is_none(), "{line}");
        }
    }
}
