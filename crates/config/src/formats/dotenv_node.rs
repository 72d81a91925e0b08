//! Dotenv files as the `dotenv` package of Node.js reads them (16.6, `lib/main.js`; tried out against it).
//!
//! `#` begins a comment anywhere outside of quotes, also without a space before it. `'...'`, `"..."` and `` `...` `` are taken off; in `"..."`
//! `\n` and `\r` are line ends, and nothing else is an escape, not even `\"`. There are no references. Bytes that are no UTF-8 become U+FFFD.

use super::dotenv_lines::{Lines, skipped};
use super::glyphs::{Newlines, glyphs, replace_pairs, text_of, trim};
use super::text::{Encoding, Reading, decode};
use crate::source::{Input, Read, Template};

const LINES: Lines = Lines {
    in_key: |character| character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-'),
    is_space,
    quotes: &['\'', '"', '`'],
};

/// What `\s` and `trim` are to JavaScript.
fn is_space(character: char) -> bool {
    character.is_whitespace() && character != '\u{85}' || character == '\u{feff}'
}

/// Reads such a file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = decode(input.bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    let all = glyphs(&text, Newlines::Any);
    LINES.read(&all, &mut reading, |line, reading| match line {
        Ok(line) => {
            let value = trim(line.value, is_space);
            let expand = value.first().is_some_and(|first| first.is == '"');
            let inner = match value {
                [first, inner @ .., last] if first.is == last.is && LINES.quotes.contains(&first.is) => inner,
                other => other,
            };
            let text = if expand {
                text_of(&replace_pairs(inner, &[('\\', 'n', '\n'), ('\\', 'r', '\r')]))
            } else {
                text_of(inner)
            };
            reading.assign(text_of(line.key), Template::text(text), line.key[0].at);
        }
        Err(line) => {
            if let Some(fault) = skipped(line) {
                reading.fault(fault);
            }
        }
    });
    reading.finish()
}
