//! Dotenv files as python-dotenv reads them (1.2.4, `parser.py` and `variables.py`; tried out against it).
//!
//! - `KEY=value`, `export KEY=value`; the key may stand in single quotes. A key without `=` is not set, also where it was before.
//! - Without quotes the value is the line up to a `#` after a space. In `'...'`, `\\` and `\'` are escapes, in `"..."` also `\"`, `\a`, `\b`, `\f`,
//!   `\n`, `\r`, `\t`, `\v`. Both may go over several lines.
//! - `${NAME}` and `${NAME:-default}` are references in every value, in single quotes, too; `$NAME` is not. The default counts when the
//!   key is not set, not when it is empty. What is not set may come from the environment.
//! - A line that does not fit is skipped with a warning.

use std::collections::HashSet;

use super::glyphs::{Glyph, Newlines, Scan, glyphs, text_of, trim_end};
use super::text::{Builder, Encoding, Fault, Reading, decode};
use crate::source::{Input, Missing, Piece, Read, Template};

/// Reads such a file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = decode(input.bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    // Python opens the file as text: each kind of line end is LF.
    let all = glyphs(&text, Newlines::Any);
    let mut scan = Scan::new(&all);
    let mut unset = HashSet::new();
    while !reading.is_full() {
        scan.take_while(is_space);
        if scan.at == all.len() {
            break;
        }
        let start = scan.spot();
        // A line that does not fit is skipped from where it stopped to fit.
        let fits = line(&mut scan, &mut reading, &mut unset);
        if !fits {
            let message = "this line cannot be read, and is skipped";
            let hint = "write KEY=value; only a comment may follow a closing quote";
            reading.fault(Fault::warning(start, message, hint));
            scan.rest_of_line();
        }
    }
    // What was set before a line with the key alone is not set either.
    reading.read.assignments.retain(|assignment| !unset.contains(&assignment.key));
    reading.finish()
}

/// What `\s` is to Python.
fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{1c}'..='\u{1f}')
}

fn is_inner_space(character: char) -> bool {
    character != '\n' && is_space(character)
}

fn line(scan: &mut Scan<'_>, reading: &mut Reading<'_>, unset: &mut HashSet<String>) -> bool {
    if scan.starts_with("export") && scan.ahead(6).is_some_and(is_inner_space) {
        scan.at += 6;
        scan.take_while(is_inner_space);
    }
    let spot = scan.spot();
    let key = match scan.peek() {
        Some('#') => None,
        Some('\'') => {
            let mut inner = *scan;
            inner.next();
            let key = inner.take_while(|character| character != '\'');
            if key.is_empty() || !inner.take('\'') {
                return false;
            }
            *scan = inner;
            Some(key)
        }
        _ => {
            let key = scan.take_while(|character| !matches!(character, '=' | '#') && !is_space(character));
            if key.is_empty() {
                return false;
            }
            Some(key)
        }
    };
    scan.take_while(is_inner_space);
    let value = if scan.take('=') {
        let spaces = scan.take_while(is_inner_space);
        match value(scan, !spaces.is_empty()) {
            Some(value) => Some(value),
            None => return false,
        }
    } else {
        None
    };
    scan.take_while(is_inner_space);
    if scan.peek() == Some('#') {
        scan.rest_of_line();
    }
    if !scan.at_line_end() {
        return false;
    }
    match (key, value) {
        (Some(key), Some(value)) => {
            let value = template(&value, reading);
            unset.remove(&text_of(key));
            reading.assign(text_of(key), value, spot);
        }
        (Some(key), None) => {
            unset.insert(text_of(key));
            reading.fault(Fault::note(spot, "a key without `=` sets nothing", "write KEY=value, or take it out"));
        }
        (None, _) => {}
    }
    true
}

fn value(scan: &mut Scan<'_>, after_space: bool) -> Option<Vec<Glyph>> {
    match scan.peek() {
        Some('#') if after_space => Some(Vec::new()),
        Some(quote @ ('\'' | '"')) => quoted(scan, quote),
        _ => {
            let line = scan.rest_of_line();
            let comment = line.windows(2).position(|two| is_space(two[0].is) && two[1].is == '#');
            Some(trim_end(&line[..comment.unwrap_or(line.len())], is_space).to_vec())
        }
    }
}

fn quoted(scan: &mut Scan<'_>, quote: char) -> Option<Vec<Glyph>> {
    let mut inner = *scan;
    inner.next();
    let mut value = Vec::new();
    loop {
        let glyph = inner.next()?;
        if glyph.is == quote {
            *scan = inner;
            return Some(value);
        }
        if glyph.is != '\\' {
            value.push(glyph);
            continue;
        }
        let next = inner.next()?;
        let stands_for = match next.is {
            '\\' | '\'' => Some(next.is),
            '"' if quote == '"' => Some('"'),
            other if quote == '"' => escape(other),
            _ => None,
        };
        match stands_for {
            Some(is) => value.push(Glyph { is, at: glyph.at }),
            None => value.extend([glyph, next]),
        }
    }
}

fn escape(character: char) -> Option<char> {
    Some(match character {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        _ => return None,
    })
}

fn template(value: &[Glyph], reading: &Reading<'_>) -> Template {
    let mut scan = Scan::new(value);
    let mut built = Builder::default();
    // Once no brace closes, none does later.
    let last = value.iter().rposition(|glyph| glyph.is == '}').unwrap_or(0);
    while let Some(glyph) = scan.next() {
        let reference =
            (glyph.is == '$' && scan.peek() == Some('{') && scan.at < last).then(|| reference(scan)).flatten();
        let Some((name, default, after)) = reference else {
            built.push(glyph.is);
            continue;
        };
        scan = after;
        let place = reading.place(glyph.at);
        let default = default.map(|default| Template::text(text_of(default)));
        let name = text_of(name);
        built.piece(Piece::Reference { name, default, or_empty: false, missing: Missing::Unknown, place });
    }
    built.finish()
}

type Reference<'a> = (&'a [Glyph], Option<&'a [Glyph]>, Scan<'a>);

fn reference(mut scan: Scan<'_>) -> Option<Reference<'_>> {
    scan.next();
    let name = scan.take_while(|character| !matches!(character, '}' | ':'));
    let default = if scan.take(':') {
        if !scan.take('-') {
            return None;
        }
        Some(scan.take_while(|character| character != '}'))
    } else {
        None
    };
    scan.take('}').then_some((name, default, scan))
}
