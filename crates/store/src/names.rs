//! File names are bytes, JSON is text: how the one is written in the other.
//!
//! Valid UTF-8 stays as it is, except `%` and control characters; these and every byte that is not part of valid UTF-8 are
//! written `%XX`. Each byte string has exactly one such spelling.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Bytes as text.
pub(crate) fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character == '%' || character.is_control() {
                let mut utf8 = [0; 4];
                percent(&mut text, character.encode_utf8(&mut utf8).as_bytes());
            } else {
                text.push(character);
            }
        }
        percent(&mut text, chunk.invalid());
    }
    text
}

fn percent(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _infallible = write!(text, "%{byte:02X}");
    }
}

/// Text back to bytes; `None` when [`escape`] never writes such a text.
pub(crate) fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    (escape(&bytes) == text).then_some(bytes)
}

/// A path inside a service's folder: relative, no empty component, no `.` or `..`, no NUL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct RelPath(Vec<u8>);

impl RelPath {
    pub(crate) fn new(bytes: Vec<u8>) -> Option<Self> {
        let good = |part: &[u8]| !part.is_empty() && part != b"." && part != b".." && !part.contains(&0);
        bytes.split(|&byte| byte == b'/').all(good).then_some(Self(bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn as_path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.0))
    }

    /// The folder that this is in; `None` at the top.
    pub(crate) fn parent(&self) -> Option<Self> {
        let slash = self.0.iter().rposition(|&byte| byte == b'/')?;
        Some(Self(self.0[..slash].to_vec()))
    }

    /// Whether this is `other` or lies below it.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.0.strip_prefix(other.0.as_slice()).is_some_and(|rest| rest.first().is_none_or(|&byte| byte == b'/'))
    }
}

impl std::fmt::Display for RelPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&escape(&self.0))
    }
}

impl From<RelPath> for String {
    fn from(path: RelPath) -> Self {
        escape(&path.0)
    }
}

impl TryFrom<String> for RelPath {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        unescape(&text).and_then(Self::new).ok_or_else(|| format!("`{text}` is not a path inside a folder"))
    }
}

/// A symbolic link's target, as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Target(Vec<u8>);

impl Target {
    pub(crate) fn new(bytes: Vec<u8>) -> Option<Self> {
        (!bytes.is_empty() && !bytes.contains(&0)).then_some(Self(bytes))
    }

    pub(crate) fn as_path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.0))
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        escape(&target.0)
    }
}

impl TryFrom<String> for Target {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        unescape(&text).and_then(Self::new).ok_or_else(|| format!("`{text}` is not a link's target"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_spelled_as_told() {
        for (bytes, text) in [
            (&b"index.php"[..], "index.php"),
            ("grüße 100%".as_bytes(), "grüße 100%25"),
            (b"a\nb\x7f", "a%0Ab%7F"),
            (b"\xff\xfe-rf", "%FF%FE-rf"),
        ] {
            assert_eq!(escape(bytes), text);
            assert_eq!(unescape(text).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in ["%", "%4", "%zz", "%41", "%ff", "a\nb", "%+1"] {
            assert_eq!(unescape(text), None, "{text:?}");
        }
    }

    #[test]
    fn paths_that_leave_the_folder_are_refused() {
        for text in ["", "/etc", "a//b", "../x", "a/../b", "./a", "a/", "a%00b"] {
            assert!(RelPath::try_from(text.to_owned()).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn all_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(unescape(&escape(&bytes)), Some(bytes));
        }
    }
}
