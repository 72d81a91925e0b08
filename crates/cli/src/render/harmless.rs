//! What others wrote (a reason, what a service said last) may hold what a terminal obeys. It is shown, and never obeyed.

use std::borrow::Cow;

/// The colours that [`super::style`] paints with.
const OURS: [&str; 6] = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"];

/// The text with every control character made visible but line ends, tabs and our own colours.
pub(super) fn for_a_terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(obeyed) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some(colour) = OURS.iter().find(|colour| rest.starts_with(**colour)) {
            out.push_str(colour);
            rest = &rest[colour.len()..];
            continue;
        }
        out.push(if obeyed(character) { visible(character) } else { character });
        rest = &rest[character.len_utf8()..];
    }
    Cow::Owned(out)
}

/// What somebody typed, for the logbook: on one line, without what a terminal obeys.
pub(crate) fn in_a_line(text: &str) -> String {
    let mut words = String::new();
    for character in text.chars() {
        let blank = character.is_whitespace() || obeyed(character);
        match character {
            _ if blank && (words.is_empty() || words.ends_with(' ')) => {}
            _ if blank => words.push(' '),
            character => words.push(character),
        }
    }
    words.trim_end().to_owned()
}

/// Control characters, and those that turn the direction of what follows them.
fn obeyed(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Its picture (Unicode, Control Pictures); of what has none, the sign for what cannot be shown.
fn visible(character: char) -> char {
    let code = u32::from(character);
    let picture = if code < 0x20 { char::from_u32(0x2400 + code) } else { None };
    picture.unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::{for_a_terminal, in_a_line};

    #[test]
    fn nothing_that_others_wrote_is_obeyed_and_our_colours_stay() {
        assert_eq!(for_a_terminal("plain\ttext\nand more"), "plain\ttext\nand more");
        assert_eq!(for_a_terminal("\u{1b}[31mbad\u{1b}[0m"), "\u{1b}[31mbad\u{1b}[0m");
        let forged = "\u{1b}[2Jcleared\rover\u{1b}]0;title\u{7}\u{9b}1m\u{202e}turned";
        assert_eq!(for_a_terminal(forged), "␛[2Jcleared␍over␛]0;title␇\u{fffd}1m\u{fffd}turned");
    }

    #[test]
    fn what_is_typed_forges_no_line() {
        assert_eq!(in_a_line("users\u{1b}[1A complain\n#7  committed\r\n "), "users [1A complain #7 committed");
        assert_eq!(in_a_line("  bad  spaces "), "bad spaces");
        assert_eq!(in_a_line("\n\u{1b}"), "");
    }
}
