//! Lines of Apache's configuration: words, quotes, lines that go on.

/// A line with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it begins, from 1.
    pub(super) number: u32,
    pub(super) words: Vec<String>,
}

/// The lines that say something. A line that ends with a backslash goes on in the next one; `#` begins a comment at the start of a line only.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut all = Vec::new();
    let mut open: Option<(u32, String)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let (first, mut joined) = open.take().unwrap_or((number, String::new()));
        if let Some(part) = line.strip_suffix('\\') {
            joined.push_str(part);
            joined.push(' ');
            open = Some((first, joined));
            continue;
        }
        joined.push_str(line);
        push(&mut all, first, &joined);
    }
    if let Some((first, joined)) = open {
        push(&mut all, first, &joined);
    }
    all
}

fn push(all: &mut Vec<Line>, number: u32, text: &str) {
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return;
    }
    let words = words(text);
    if !words.is_empty() {
        all.push(Line { number, words });
    }
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut begun = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), '\\') if matches!(chars.peek(), Some('"' | '\'' | '\\')) => word.extend(chars.next()),
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') if !begun => {
                quote = Some(c);
                begun = true;
            }
            (None, c) if c.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                    begun = false;
                }
            }
            (None, c) => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_on_and_words_are_quoted() {
        let read = lines("# no\nOrder allow,deny\n\nphp_value a \\\n  \"b c\"\n<IfModule mod_php7.c>\nX");
        let all: Vec<(u32, Vec<&str>)> =
            read.iter().map(|line| (line.number, line.words.iter().map(String::as_str).collect())).collect();
        assert_eq!(
            all,
            [
                (2, vec!["Order", "allow,deny"]),
                (4, vec!["php_value", "a", "b c"]),
                (6, vec!["<IfModule", "mod_php7.c>"]),
                (7, vec!["X"]),
            ]
        );
    }
}
