//! The lines of a file, put together again byte for byte.

/// A file's lines. Bytes that are no UTF-8 are taken one for one, so that what was not touched stays as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) lines: Vec<Line>,
    is_utf8: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Without its end.
    pub(super) text: String,
    /// `\n`, `\r\n`, or nothing at the end of the file.
    end: &'static str,
}

impl Text {
    /// `None` when it is no text that is written byte by byte, such as UTF-16.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.contains(&0) {
            return None;
        }
        let utf8 = std::str::from_utf8(bytes);
        let is_utf8 = utf8.is_ok();
        let text = utf8.map_or_else(|_| bytes.iter().copied().map(char::from).collect(), ToOwned::to_owned);
        let line = |text: &str| match text.strip_suffix('\n') {
            None => Line { text: text.to_owned(), end: "" },
            Some(text) => match text.strip_suffix('\r') {
                None => Line { text: text.to_owned(), end: "\n" },
                Some(text) => Line { text: text.to_owned(), end: "\r\n" },
            },
        };
        Some(Self { lines: text.split_inclusive('\n').map(line).collect(), is_utf8 })
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let text: String = self.lines.iter().flat_map(|line| [line.text.as_str(), line.end]).collect();
        if self.is_utf8 { text.into_bytes() } else { text.chars().filter_map(|c| u8::try_from(c).ok()).collect() }
    }

    /// Puts lines before the one with this index, with the ends of those that are there.
    pub(super) fn insert(&mut self, at: usize, new: &[String]) {
        let end = self.usual_end();
        let at = at.min(self.lines.len());
        let mut new: Vec<Line> = new.iter().map(|text| Line { text: text.clone(), end }).collect();
        if at == self.lines.len()
            && let (Some(before), Some(last)) = (self.lines.last_mut(), new.last_mut())
        {
            // A file whose last line has no end stays one.
            if before.end.is_empty() {
                before.end = end;
                last.end = "";
            }
        }
        self.lines.splice(at..at, new);
    }

    /// The same with other lines in the place of some.
    pub(super) fn with(&self, at: usize, count: usize, new: &[String]) -> Self {
        let mut with = self.clone();
        let until = (at + count).min(with.lines.len());
        let end = with.lines.get(until.saturating_sub(1)).map_or("\n", |line| line.end);
        let mut lines: Vec<Line> = new.iter().map(|text| Line { text: text.clone(), end: "\n" }).collect();
        if let Some(last) = lines.last_mut() {
            last.end = end;
        }
        with.lines.splice(at..until, lines);
        with
    }

    fn usual_end(&self) -> &'static str {
        let of = |end: &str| self.lines.iter().filter(|line| line.end == end).count();
        if of("\r\n") > of("\n") { "\r\n" } else { "\n" }
    }
}

/// The blanks at a line's begin.
pub(super) fn indentation(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

/// What stands behind the sign of a comment, if the line is nothing but one.
pub(super) fn commented(line: &str) -> Option<&str> {
    let line = line.trim();
    if let Some(inner) = line.strip_prefix("<!--") {
        return inner.strip_suffix("-->").map(str::trim);
    }
    let rest = line.strip_prefix("//").or_else(|| line.strip_prefix(['#', ';', '!']))?;
    Some(rest.trim_start_matches(['#', ';', '/']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inserted(text: &str, at: usize) -> String {
        let mut lines = Text::of(text.as_bytes()).expect("a text");
        assert_eq!(lines.bytes(), text.as_bytes());
        lines.insert(at, &["# K=".to_owned()]);
        String::from_utf8(lines.bytes()).expect("UTF-8")
    }

    #[test]
    fn lines_keep_their_ends_and_a_file_without_the_last_one_stays_so() {
        for (text, at, expected) in [
            ("a\nb\n", 1, "a\n# K=\nb\n"),
            ("a\nb\n", 2, "a\nb\n# K=\n"),
            ("a\nb", 2, "a\nb\n# K="),
            ("a\r\nb\r\n", 0, "# K=\r\na\r\nb\r\n"),
            ("a\r\nb", 9, "a\r\nb\r\n# K="),
            ("", 0, "# K=\n"),
            ("\u{feff}a\n", 1, "\u{feff}a\n# K=\n"),
        ] {
            assert_eq!(inserted(text, at), expected, "{text:?} {at}");
        }
    }

    #[test]
    fn bytes_that_are_no_utf8_stay_and_utf16_is_not_touched() {
        let mut text = Text::of(b"a=\xe4\n\xff\n").expect("bytes");
        text.insert(1, &["# K=".to_owned()]);
        assert_eq!(text.bytes(), b"a=\xe4\n# K=\n\xff\n");
        assert_eq!(Text::of(b"\xff\xfea\0"), None);
    }
}
