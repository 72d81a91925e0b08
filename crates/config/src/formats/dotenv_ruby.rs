//! Dotenv files as the `dotenv` gem of Ruby reads them (3.1, `lib/dotenv/parser.rb` and `substitutions`; tried out against a transcript of it).
//!
//! `KEY=value` or `KEY: value`. A `#` begins a comment anywhere outside of quotes. In `"..."` and without quotes a backslash before anything
//! but `$` is dropped, so `\n` stays the two characters only in `"..."`, unless an earlier `DOTENV_LINEBREAK_MODE=legacy` makes it a line end.
//! `$NAME` and `${NAME}` stand for a value, and a key that is not set for nothing; `$(command)` for what it prints, which is unknown here.

use std::collections::HashSet;

use super::dotenv_lines::{Lines, skipped};
use super::glyphs::{Glyph, Newlines, Scan, brackets, glyphs, text_of, trim};
use super::text::{Builder, Encoding, Fault, Reading, decode};
use crate::source::{Input, Missing, Piece, Read, Template};

const LINES: Lines = Lines {
    in_key: |character| character.is_ascii_alphanumeric() || matches!(character, '_' | '.'),
    is_space,
    quotes: &['\'', '"'],
};

/// What `\s` is to Ruby.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t'..='\r')
}

/// Reads such a file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = decode(input.bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    let all = glyphs(&text, Newlines::Any);
    let mut legacy = false;
    let mut exports = Vec::new();
    LINES.read(&all, &mut reading, |line, reading| match line {
        Ok(line) => {
            let value = value(line.value, legacy, reading);
            let key = text_of(line.key);
            if key == "DOTENV_LINEBREAK_MODE" {
                legacy = value.plain().is_some_and(|mode| mode == "legacy");
            }
            reading.assign(key, value, line.key[0].at);
        }
        Err(line) if text_of(line).split_ascii_whitespace().next() == Some("export") => exports.push(line),
        Err(line) => {
            if let Some(fault) = skipped(line) {
                reading.fault(fault);
            }
        }
    });
    let keys: HashSet<&str> = reading.read.assignments.iter().map(|one| one.key.as_str()).collect();
    let unset = |line: &&[Glyph]| !text_of(line).split_ascii_whitespace().skip(1).all(|word| keys.contains(word));
    let refused: Vec<_> = exports.into_iter().filter(unset).collect();
    for line in refused {
        let message = "`export` of keys that the file does not set";
        reading.fault(Fault::error(line[0].at, message, "set them, or write export KEY=value"));
    }
    reading.finish()
}

fn value(value: &[Glyph], legacy: bool, reading: &Reading<'_>) -> Template {
    let value = trim(value, |character| is_space(character) || character == '\0');
    let (quote, inner) = match value {
        [first, inner @ .., last] if first.is == last.is && LINES.quotes.contains(&first.is) => (Some(first.is), inner),
        other => (None, other),
    };
    match quote {
        Some('\'') => Template::text(text_of(inner)),
        Some(_) => substitute(&unescape(&line_ends(inner, legacy)), reading),
        None => substitute(&unescape(inner), reading),
    }
}

/// `\n` and `\r`: line ends in the old mode, else kept through the dropping of backslashes.
fn line_ends(value: &[Glyph], legacy: bool) -> Vec<Glyph> {
    let mut done = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, after @ ..] = rest {
        let stands_for = match (first.is, after.first().map(|second| second.is)) {
            ('\\', Some('n')) => Some('\n'),
            ('\\', Some('r')) => Some('\r'),
            _ => None,
        };
        match stands_for {
            Some(is) if legacy => done.push(Glyph { is, at: first.at }),
            Some(_) => done.extend([*first, *first, after[0]]),
            None => done.push(*first),
        }
        rest = if stands_for.is_some() { &after[1..] } else { after };
    }
    done
}

/// A backslash before anything but `$` is dropped.
fn unescape(value: &[Glyph]) -> Vec<Glyph> {
    let mut done = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, after @ ..] = rest {
        match after.first() {
            // Ruby's `.` is no line end.
            Some(second) if first.is == '\\' && second.is != '$' => {
                done.push(*second);
                rest = &after[1..];
            }
            _ => {
                done.push(*first);
                rest = after;
            }
        }
    }
    done
}

fn substitute(value: &[Glyph], reading: &Reading<'_>) -> Template {
    let closing = brackets(value);
    let mut scan = Scan::new(value);
    let mut built = Builder::default();
    while let Some(glyph) = scan.next() {
        let escaped = glyph.is == '\\' && scan.peek() == Some('$');
        if escaped {
            scan.next();
        }
        if glyph.is != '$' && !escaped {
            built.push(glyph.is);
            continue;
        }
        let start = scan;
        if scan.peek() == Some('(') {
            if let Some(end) = closing[scan.at] {
                scan.at = end;
                if escaped {
                    built.push('$');
                    built.push_str(&text_of(&value[start.at..scan.at]));
                } else {
                    let why = "it is what a command prints".to_owned();
                    built.piece(Piece::Unknown { why, place: reading.place(glyph.at) });
                }
                continue;
            }
            if escaped {
                built.push('\\');
            }
            built.push('$');
            continue;
        }
        scan.take('{');
        let name = text_of(scan.take_while(|character| character.is_ascii_alphanumeric() || character == '_'));
        scan.take('}');
        if escaped || name.is_empty() {
            built.push('$');
            built.push_str(&text_of(&value[start.at..scan.at]));
        } else {
            let place = reading.place(glyph.at);
            let missing = Missing::Unknown;
            built.piece(Piece::Reference { name, default: None, or_empty: false, missing, place });
        }
    }
    built.finish()
}
