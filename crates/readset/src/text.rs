//! Bytes as text, and where an offset stands in it.

/// The text of a file. What is not UTF-8 is mapped byte for byte to the first 256 characters, so that each byte still has its place.
pub(crate) fn decode(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with('\u{feff}') {
                text.drain(..'\u{feff}'.len_utf8());
            }
            text
        }
        Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
    }
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

    /// Line and column in characters, both from 1.
    pub(crate) fn place(&self, at: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let start = self.starts[line - 1];
        let column = self.text.get(start..at).map_or(0, |before| before.chars().count()) + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }
}

/// The length of the longest line, without its end.
pub(crate) fn longest_line(bytes: &[u8]) -> usize {
    let mut start = 0;
    let mut longest = 0;
    for end in memchr::memchr_iter(b'\n', bytes) {
        longest = longest.max(end - start);
        start = end + 1;
    }
    longest.max(bytes.len() - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let lines = Lines::new("äöü x\r\n\nÄx");
        assert_eq!(lines.place("äöü ".len()), (1, 5));
        assert_eq!(lines.place("äöü x\r\n\n".len()), (3, 1));
        assert_eq!(lines.place("äöü x\r\n\nÄ".len()), (3, 2));
    }

    #[test]
    fn what_is_not_utf_8_keeps_a_character_for_each_byte() {
        assert_eq!(decode(vec![b'a', 0xff, 0xe9]), "a\u{ff}\u{e9}");
        assert_eq!(decode(vec![0xef, 0xbb, 0xbf, b'a']), "a");
    }

    #[test]
    fn the_longest_line_may_be_the_last() {
        assert_eq!(longest_line(b"ab\nabc"), 3);
        assert_eq!(longest_line(b"abcd\nabc\n"), 4);
        assert_eq!(longest_line(b""), 0);
    }
}
