//! Prose: plain text in which a pair of backticks marks code. What people typed may be part of it, so a renderer takes it apart here
//! and escapes every part.

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Words.
    Text(&'a str),
    /// Code; never empty, and without backticks.
    Code(&'a str),
}

/// The text on one line, without control characters and without those that reorder what a reader sees (Unicode's bidirectional
/// embeddings, overrides and isolates).
pub(super) fn one_line(text: &str) -> String {
    let visible = text.chars().filter_map(|c| match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        c if c.is_control() => None,
        c => Some(c),
    });
    visible.collect::<String>().trim().to_owned()
}

/// The parts of a text that [`one_line`] returned. A backtick without its partner, and a pair with nothing between, are words.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut words = 0;
    while let Some(open) = rest[words..].find('`').map(|at| at + words) {
        match rest[open + 1..].find('`') {
            Some(0) => words = open + 2,
            Some(length) => {
                if open > 0 {
                    parts.push(Part::Text(&rest[..open]));
                }
                parts.push(Part::Code(&rest[open + 1..=open + length]));
                rest = &rest[open + length + 2..];
                words = 0;
            }
            None => break,
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// Entries as a reader cites them: `#3, #7`; empty for none.
pub(super) fn cite(entries: &[u64]) -> String {
    entries.iter().map(|seq| format!("#{seq}")).collect::<Vec<_>>().join(", ")
}

/// `a, b and c`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_closed_pair_of_backticks_is_code() {
        assert_eq!(parts("a `b` c"), [Part::Text("a "), Part::Code("b"), Part::Text(" c")]);
        assert_eq!(parts("`b``c`"), [Part::Code("b"), Part::Code("c")]);
        assert_eq!(parts("a `b"), [Part::Text("a `b")]);
        assert_eq!(parts("a `` `b`"), [Part::Text("a `` "), Part::Code("b")]);
        assert_eq!(parts("é`ü`"), [Part::Text("é"), Part::Code("ü")]);
        assert_eq!(parts(""), []);
    }

    #[test]
    fn a_text_that_reorders_what_is_read_loses_that() {
        assert_eq!(one_line("a\u{202e}b\nc\u{7}"), "ab c");
    }
}
