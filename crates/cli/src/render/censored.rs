//! sternway.toml as it may be shown: a line of it may hold a password, and what is shown ends in a log of CI.

use std::ops::Range;

/// Stands for a text that is not shown.
const LEFT_OUT: &str = "...";

/// The text without its strings and comments, and where `span` is in it. A string within `span` is what is wrong, and shown; unless
/// `broken` says that the text is no TOML, where what looks like the offending token may be half a password.
pub(super) fn censored(text: &str, span: &Range<usize>, broken: bool) -> (String, Range<usize>) {
    let mut out = Output { text: String::with_capacity(text.len()), span: 0..0, wanted: span };
    let mut at = 0;
    let mut after_equals = false;
    while at < text.len() {
        let rest = &text[at..];
        let (length, shown) = match string(rest) {
            Some((quote, length)) => {
                let inside = !broken && span.start <= at && at + length <= span.end;
                (length, if inside { None } else { Some(format!("{quote}{LEFT_OUT}{quote}")) })
            }
            None if rest.starts_with('#') => (rest.find('\n').unwrap_or(rest.len()), Some(format!("# {LEFT_OUT}"))),
            None if broken && after_equals && is_bare(rest) => {
                (rest.find([',', '\n', '}', ']']).unwrap_or(rest.len()), Some(LEFT_OUT.to_owned()))
            }
            None => (rest.chars().next().map_or(1, char::len_utf8), None),
        };
        let piece = &rest[..length];
        after_equals = piece == "=" || (after_equals && piece == " ");
        out.push(at, piece, shown);
        at += length;
    }
    out.finish(text.len())
}

/// A string at the beginning of this text: its quotes and its length with them, to the end of the line when it is not closed.
fn string(text: &str) -> Option<(&'static str, usize)> {
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| text.starts_with(quote))?;
    let body = &text[quote.len()..];
    let line = body.find('\n').unwrap_or(body.len());
    let within = if quote.len() == 3 { body } else { &body[..line] };
    let mut escaped = false;
    for (at, _) in within.char_indices() {
        if !escaped && within[at..].starts_with(quote) {
            return Some((quote, quote.len() * 2 + at));
        }
        escaped = !escaped && quote.starts_with('"') && within[at..].starts_with('\\');
    }
    Some((quote, quote.len() + within.len()))
}

/// Text without quotes where a value belongs: no number, no date, no truth value, no list and no table.
fn is_bare(text: &str) -> bool {
    let word = text.split([',', '\n', '}', ']', ' ']).next().unwrap_or_default();
    let is_value = word.is_empty() || ["true", "false"].contains(&word) || word.starts_with(['[', '{']);
    !is_value && word.parse::<f64>().is_err()
}

struct Output<'a> {
    text: String,
    span: Range<usize>,
    wanted: &'a Range<usize>,
}

impl Output<'_> {
    /// A piece of the source that begins `at`, or what is shown instead.
    fn push(&mut self, at: usize, piece: &str, shown: Option<String>) {
        let (before, end) = (self.text.len(), at + piece.len());
        self.text.push_str(shown.as_deref().unwrap_or(piece));
        let after = self.text.len();
        if (at..end).contains(&self.wanted.start) {
            let start = if shown.is_none() { before + (self.wanted.start - at) } else { before };
            self.span = start..after;
        }
        if at < self.wanted.end && self.wanted.end <= end {
            self.span.end = if shown.is_none() { before + (self.wanted.end - at) } else { after };
        }
    }

    fn finish(mut self, length: usize) -> (String, Range<usize>) {
        if self.wanted.start >= length {
            self.span = self.text.len()..self.text.len();
        }
        self.span.end = self.span.end.max(self.span.start);
        (self.text, self.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, token: &str, broken: bool) -> (String, String) {
        let start = text.find(token).unwrap();
        let (text, span) = censored(text, &(start..start + token.len()), broken);
        (text[span].to_owned(), text)
    }

    #[test]
    fn the_token_is_shown_and_values_beside_it_are_not() {
        let text = "config.web = [{ DB_PASSWORD = \"hunter2\" }]\nstpes = \"x\" # hunter2\nlong = '''\nhunter2'''\n";
        let (token, text) = shown(text, "stpes", false);
        assert_eq!(token, "stpes");
        assert_eq!(text, "config.web = [{ DB_PASSWORD = \"...\" }]\nstpes = \"...\" # ...\nlong = '''...'''\n");
        let (token, _) = shown("kind = \"wbe\"\n", "\"wbe\"", false);
        assert_eq!(token, "\"wbe\"", "a string that is wrong itself");
    }

    #[test]
    fn where_the_text_is_no_toml_nothing_after_an_equals_sign_is_shown() {
        for line in [
            "DB = hunter2 more\n",
            "DB = \"hunter2\n",
            "DB = 'hunter2\n",
            "DB = \"a\\\"hunter2\n",
            "DB = h\u{fc}hunter2",
        ] {
            let (token, text) = shown(&format!("a = 1\n{line}"), "hunter2", true);
            assert!(!text.contains("hunter2") && !token.contains("hunter2"), "{text}");
        }
        let (token, _) = shown("steps = [10, 100\nbake = 1\n", "\nbake", true);
        assert_eq!(token, "\nbake");
    }

    #[test]
    fn every_span_lies_within_what_is_shown() {
        let text = "a = \"\u{e4}b\" # c\n[x]\nb = '''\n\u{fc}'''\nc = [\"d\", \"e]\n";
        for start in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            for end in (start..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                for broken in [false, true] {
                    let (text, span) = censored(text, &(start..end), broken);
                    assert!(text.get(span.clone()).is_some(), "{start}..{end} gave {span:?}");
                }
            }
        }
    }
}
