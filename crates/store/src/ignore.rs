//! What of a service's folder is left out of its releases.
//!
//! Two lists are asked in this order, and the last pattern that matches decides: `exclude` in sternway.toml, and
//! `.sternwayignore` at the top of the folder. Both are in the syntax of gitignore(5). No `.gitignore` is ever read: what a build
//! makes (vendor/, node_modules/, dist/) must ship. Whatever the lists say, `.git`, `.hg` and `.svn` at any depth are left out.
//! The `.sternwayignore` itself ships, so that it also holds for what a build makes in a clean copy of the folder.

use std::fs;
use std::io;
use std::path::Path;

use sternway_core::ignore::Patterns;

use crate::error::{Context as _, StoreError};

/// The file at the top of a service's folder that names what is left out.
pub const IGNORE_FILE: &str = ".sternwayignore";

/// Histories of version control, in a folder or (a worktree, a submodule) named by a file.
const NEVER: [&[u8]; 3] = [b".git", b".hg", b".svn"];

/// The patterns that hold for one folder.
#[derive(Debug, Default)]
pub(crate) struct Ignore {
    patterns: Patterns,
}

impl Ignore {
    /// These excludes and the folder's own `.sternwayignore`.
    pub(crate) fn of_folder(folder: &Path, excludes: &[String]) -> Result<Self, StoreError> {
        let mut ignore = Self::default();
        for pattern in excludes {
            let added = ignore.patterns.add(pattern.as_bytes());
            added.map_err(|why| bad(pattern.as_bytes(), "`exclude` in sternway.toml", why))?;
        }
        let file = folder.join(IGNORE_FILE);
        match fs::read(&file) {
            Ok(text) => ignore.add_lines(&text, &file.display().to_string())?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).on("read", &file),
        }
        Ok(ignore)
    }

    fn add_lines(&mut self, text: &[u8], file: &str) -> Result<(), StoreError> {
        match self.patterns.add_lines(text).first() {
            None => Ok(()),
            Some((line, why)) => {
                let pattern = text.split(|&byte| byte == b'\n').nth(line - 1).unwrap_or_default();
                Err(bad(pattern.strip_suffix(b"\r").unwrap_or(pattern), &format!("{file}:{line}"), why))
            }
        }
    }

    /// Whether this path is left out. Asked from the top down: what lies in a folder that is left out is never asked for, and
    /// so cannot be brought back, as in git.
    pub(crate) fn leaves_out(&self, path: &[u8], is_folder: bool) -> bool {
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
        NEVER.contains(&name) || self.patterns.leaves_out(path, is_folder).unwrap_or(false)
    }
}

fn bad(pattern: &[u8], origin: &str, why: &'static str) -> StoreError {
    StoreError::BadPattern { pattern: String::from_utf8_lossy(pattern).into_owned(), origin: origin.to_owned(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks as the walk does: a path is left out when it or a folder above it is.
    fn left_out(lines: &str, path: &str) -> bool {
        let mut ignore = Ignore::default();
        ignore.add_lines(lines.as_bytes(), "test").unwrap();
        let (path, is_folder) = path.strip_suffix('/').map_or((path, false), |path| (path, true));
        let above = path.match_indices('/').any(|(slash, _)| ignore.leaves_out(&path.as_bytes()[..slash], true));
        above || ignore.leaves_out(path.as_bytes(), is_folder)
    }

    #[test]
    fn gitignore_semantics() {
        // (lines, left out, kept)
        let table: &[(&str, &[&str], &[&str])] = &[
            ("*.log", &["a.log", "x/y/a.log", ".log"], &["a.log.gz", "log"]),
            ("/a.log", &["a.log"], &["x/a.log"]),
            ("doc/a", &["doc/a", "doc/a/b"], &["x/doc/a"]),
            ("build/", &["build/", "x/build/", "build/a"], &["build", "x/build"]),
            ("/build/", &["build/a"], &["x/build/a"]),
            ("**/foo", &["foo", "a/foo", "a/b/foo"], &["afoo", "a/bfoo"]),
            ("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["ab", "a/xb", "x/a/b"]),
            ("a/**", &["a/b", "a/b/c"], &["a/", "b/a/c"]),
            ("a***/b", &["a/b", "axx/b"], &["a/x/b"]),
            ("foo*bar", &["foobar", "fooxbar", "x/fooxbar"], &["foo/bar"]),
            ("x/*/z", &["x/y/z"], &["x/z", "x/y/y/z"]),
            ("a?c", &["abc"], &["a/c", "ac", "abbc"]),
            ("[a-c]x", &["ax", "cx"], &["dx", "x"]),
            ("[!a-c]x", &["dx"], &["ax"]),
            ("[^]]x", &["ax"], &["]x"]),
            ("[]-]x", &["]x", "-x"], &["ax"]),
            ("[[:digit:]_]x", &["1x", "_x"], &["ax"]),
            ("[a\\]]x", &["ax", "]x"], &["\\x"]),
            ("# no\n\\#yes", &["#yes"], &["# no"]),
            ("\\!yes", &["!yes"], &["yes"]),
            ("a  ", &["a"], &["a  "]),
            ("a\\ ", &["a "], &["a"]),
            ("a\\*b", &["a*b"], &["axb"]),
            ("*.log\n!keep.log", &["a.log"], &["keep.log", "x/keep.log"]),
            ("!keep.log\n*.log", &["keep.log"], &[]),
            ("logs/\n!logs/keep", &["logs/keep"], &[]),
            ("logs/*\n!logs/keep", &["logs/a"], &["logs/keep", "logs/"]),
            ("/*\n!/public", &["a", "b/c"], &["public", "public/x"]),
            ("\u{feff}a\r\nb\r\n", &["a", "b"], &["c"]),
            ("\n/\n!\n", &[], &["a", "b/c"]),
            ("{a,b}", &["{a,b}"], &["a", "b"]),
            ("*", &["a", ".a", "a/b"], &[]),
            ("!*", &[".git/", "a/.git", ".hg/", "x/.svn/"], &[".sternwayignore", ".gitignore", "a.git/"]),
        ];
        for (lines, out, kept) in table {
            for path in *out {
                assert!(left_out(lines, path), "{lines:?} leaves out {path:?}");
            }
            for path in *kept {
                assert!(!left_out(lines, path), "{lines:?} keeps {path:?}");
            }
        }
    }

    #[test]
    fn names_need_not_be_utf8() {
        let mut ignore = Ignore::default();
        ignore.add_lines(b"\xff*\n", "test").unwrap();
        assert!(ignore.leaves_out(b"\xff\xfe", false));
        assert!(!ignore.leaves_out(b"\xfe\xff", false));
    }

    #[test]
    fn a_broken_pattern_is_named_with_its_line() {
        let error = Ignore::default().add_lines(b"ok\n[a-\n", "web/.sternwayignore").unwrap_err();
        assert_eq!(error.to_string(), "exclude pattern `[a-` (web/.sternwayignore:2): `[` without `]`");
    }

    #[test]
    fn no_pattern_takes_exponential_time() {
        let pattern = "*a".repeat(40);
        assert!(!left_out(&pattern, &"a".repeat(200).replace("aaaaaaaaaa", "aaaaaaaaab")));
        assert!(left_out(&pattern, &"a".repeat(200)));
    }
}
