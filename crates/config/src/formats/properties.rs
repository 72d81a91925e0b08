//! Java properties files.
//!
//! The syntax is that of `java.util.Properties.load` (Java 17, tried out against it): `key=value`, `key: value` or `key value`; `#` and `!` begin a
//! comment at the start of a line; a line that ends with an odd number of `\` goes on in the next, whose leading spaces are dropped; `\t`, `\n`,
//! `\r`, `\f` and `\uXXXX` are escapes, and a backslash before anything else is dropped. As `ResourceBundle` does from Java 9 on, what is no
//! UTF-8 is read as ISO-8859-1. References are those of Spring ([`placeholders`]), and are to what the keys are in the end.

use std::borrow::Cow;

use super::glyphs::{Glyph, Newlines, Scan, glyphs, text_of};
use super::placeholders;
use super::text::{Encoding, Fault, LARGEST, Reading, Spot, decode};
use crate::source::{Input, Read};

/// Reads a properties file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    reading.read.late = true;
    for entry in entries(input.bytes, &mut reading) {
        let value = placeholders::template(&entry.value, |name| vec![name.to_owned()], &reading);
        reading.assign(entry.key, value, entry.spot);
    }
    reading.finish()
}

/// A key with its value, whose escapes are resolved.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) spot: Spot,
    pub(super) value: Vec<Glyph>,
    /// In which document of the file it stands, for those who know `#---`.
    pub(super) document: usize,
}

/// What a file holds.
pub(super) fn entries(bytes: &[u8], reading: &mut Reading<'_>) -> Vec<Entry> {
    let text = if bytes.len() <= LARGEST && std::str::from_utf8(bytes).is_err() {
        Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect())
    } else {
        let Some(text) = decode(bytes, Encoding::Utf8, reading) else { return Vec::new() };
        text
    };
    let all = glyphs(&text, Newlines::Any);
    let mut scan = Scan::new(&all);
    let mut entries = Vec::new();
    let mut document = 0;
    while scan.at < all.len() && !reading.is_full() {
        let column = scan.at;
        scan.take_while(is_space);
        match scan.peek() {
            None | Some('\n') => {}
            Some('#' | '!') => {
                let line = scan.rest_of_line();
                let separates = column + line.len() == scan.at && text_of(line).trim_end().get(1..) == Some("---");
                document += usize::from(separates);
            }
            Some(_) => match entry(&mut scan, document) {
                Ok(entry) => entries.extend(entry),
                Err(fault) => reading.fault(fault),
            },
        }
        scan.rest_of_line();
        scan.next();
    }
    entries
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\u{c}')
}

fn entry(scan: &mut Scan<'_>, document: usize) -> Result<Option<Entry>, Fault> {
    let spot = scan.spot();
    let line = logical(scan);
    if line.is_empty() {
        return Ok(None);
    }
    let mut line = Scan::new(&line);
    let mut key = Vec::new();
    while let Some(next) = line.peek() {
        if is_space(next) || matches!(next, '=' | ':') {
            break;
        }
        character(&mut line, &mut key)?;
    }
    line.take_while(is_space);
    if matches!(line.peek(), Some('=' | ':')) {
        line.next();
    }
    line.take_while(is_space);
    let mut value = Vec::new();
    while line.peek().is_some() {
        character(&mut line, &mut value)?;
    }
    Ok(Some(Entry { key: text_of(&key), spot, value, document }))
}

/// A line with those that `\` joins to it.
fn logical(scan: &mut Scan<'_>) -> Vec<Glyph> {
    let mut all = Vec::new();
    loop {
        let line = scan.rest_of_line();
        let backslashes = line.iter().rev().take_while(|glyph| glyph.is == '\\').count();
        if backslashes % 2 == 0 {
            all.extend_from_slice(line);
            return all;
        }
        all.extend_from_slice(&line[..line.len() - 1]);
        // While there is nothing yet, the next line is one of its own, and may be a comment.
        if all.is_empty() || scan.next().is_none() {
            return all;
        }
        scan.take_while(is_space);
    }
}

/// A character or escape.
fn character(line: &mut Scan<'_>, into: &mut Vec<Glyph>) -> Result<(), Fault> {
    let Some(glyph) = line.next() else { return Ok(()) };
    let is = if glyph.is == '\\' {
        match line.next().map(|glyph| glyph.is) {
            None => return Ok(()),
            Some('t') => '\t',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('f') => '\u{c}',
            Some('u') => unicode(line, glyph.at)?,
            Some(other) => other,
        }
    } else {
        glyph.is
    };
    into.push(Glyph { is, at: glyph.at });
    Ok(())
}

/// After `\u`: a character, which may take a second escape.
fn unicode(line: &mut Scan<'_>, at: Spot) -> Result<char, Fault> {
    let half = || Fault::error(at, "this escape is half of a character", "write both halves, or the character itself");
    let first = hex(line, at)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first).ok_or_else(half);
    }
    if !(line.take('\\') && line.take('u')) {
        return Err(half());
    }
    let low = hex(line, at)?.checked_sub(0xdc00).filter(|low| *low < 0x400);
    low.and_then(|low| char::from_u32(0x10000 + ((first - 0xd800) << 10) + low)).ok_or_else(half)
}

fn hex(line: &mut Scan<'_>, at: Spot) -> Result<u32, Fault> {
    let mut code = 0;
    for _ in 0..4 {
        let Some(digit) = line.next().and_then(|glyph| glyph.is.to_digit(16)) else {
            let hint = "write \\\\ for a backslash, also in paths such as C:\\\\users";
            return Err(Fault::error(at, "`\\u` is not followed by four hexadecimal digits", hint));
        };
        code = code * 16 + digit;
    }
    Ok(code)
}
