//! Bytes as text, and where an offset stands in it.

/// The text of a file. What is not UTF-8 is mapped byte for byte to the first 256 characters, so that each byte still has its place.
pub(crate) fn decode(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect())
}

/// Whether these bytes are no text: a NUL stands among the first.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, &bytes[..bytes.len().min(8192)]).is_some()
}

/// A place in a file: line and column in characters, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Spot {
    /// From 1; 0: the whole file.
    pub line: u32,
    /// From 1; 0: the whole line.
    pub column: u32,
}

impl Spot {
    /// The whole file.
    pub const FILE: Self = Self { line: 0, column: 0 };
}

/// Tells lines and columns of one text. Made only for files in which something was found.
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
        Self { text, starts }
    }

    pub(crate) fn spot(&self, at: usize) -> Spot {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let start = self.starts[line - 1];
        let column = self.text.get(start..at).map_or(0, |before| before.chars().count()) + 1;
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Spot { line: number(line), column: number(column) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let lines = Lines::new("äöü x\r\n\nÄx");
        let spot = |before: &str| (lines.spot(before.len()).line, lines.spot(before.len()).column);
        assert_eq!(spot("äöü "), (1, 5));
        assert_eq!(spot("äöü x\r\n\n"), (3, 1));
        assert_eq!(spot("äöü x\r\n\nÄ"), (3, 2));
    }

    #[test]
    fn what_is_not_utf_8_keeps_a_character_for_each_byte() {
        assert_eq!(decode(vec![b'a', 0xff, 0xe9]), "a\u{ff}\u{e9}");
    }

    #[test]
    fn what_has_a_nul_is_no_text() {
        assert!(is_binary(b"GIF89a\0") && !is_binary("<?php ä".as_bytes()));
    }
}
