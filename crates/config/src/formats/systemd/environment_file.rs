//! Files of `EnvironmentFile=` (systemd 252, `env-file.c`).

use crate::formats::glyphs::{Glyph, Newlines, Scan, glyphs, text_of, trim_end};
use crate::formats::text::{Encoding, Fault, Reading, decode};
use crate::source::{Read, Template, is_key};

use super::unit::is_space;

/// Reads such a file.
pub(super) fn read(bytes: &[u8], file: &str) -> Read {
    let mut reading = Reading::new(file);
    let Some(text) = decode(bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    let all = glyphs(&text, Newlines::Any);
    let mut scan = Scan::new(&all);
    while !reading.is_full() {
        scan.take_while(is_space);
        match scan.peek() {
            None => break,
            Some('#' | ';') => comment(&mut scan),
            Some(_) => assignment(&mut scan, &mut reading),
        }
    }
    reading.finish()
}

/// A comment goes on after a backslash at the end of its line.
fn comment(scan: &mut Scan<'_>) {
    while let Some(glyph) = scan.next() {
        if glyph.is == '\n' {
            break;
        }
        if glyph.is == '\\' {
            scan.next();
        }
    }
}

fn assignment(scan: &mut Scan<'_>, reading: &mut Reading<'_>) {
    let spot = scan.spot();
    let key = text_of(trim_end(scan.take_while(|is| is != '=' && is != '\n'), is_space));
    if !scan.take('=') {
        reading.fault(Fault::warning(spot, "no `=` is in this line: systemd skips it", "write KEY=value"));
        return;
    }
    let value = value(scan);
    if is_key(&key) && !value.contains('\0') {
        reading.assign(key, Template::text(value), spot);
    } else {
        let message = "this is no variable that a process can have: systemd skips it";
        reading.fault(Fault::warning(spot, message, "write KEY=value, without `export`"));
    }
}

/// A value up to the end of its line. Quotes may stand side by side; after the first plain character they are text.
fn value(scan: &mut Scan<'_>) -> String {
    let mut text = String::new();
    loop {
        scan.take_while(|is| is_space(is) && is != '\n');
        match scan.next().map(|glyph| glyph.is) {
            None | Some('\n') => return text,
            Some('\'') => {
                while let Some(Glyph { is, .. }) = scan.next().filter(|glyph| glyph.is != '\'') {
                    text.push(is);
                }
            }
            Some('"') => double(scan, &mut text),
            Some(first) => {
                plain(scan, first, &mut text);
                return text;
            }
        }
    }
}

/// In double quotes a backslash takes the meaning of `"`, `\`, a backtick and `$`, and a line end away; other backslashes stay.
fn double(scan: &mut Scan<'_>, text: &mut String) {
    while let Some(Glyph { is, .. }) = scan.next().filter(|glyph| glyph.is != '"') {
        if is != '\\' {
            text.push(is);
            continue;
        }
        match scan.next().map(|glyph| glyph.is) {
            Some(escaped @ ('"' | '\\' | '`' | '$')) => text.push(escaped),
            Some('\n') => {}
            Some(other) => {
                text.push('\\');
                text.push(other);
            }
            None => return,
        }
    }
}

/// Without quotes a backslash is dropped, and so is a line end after it; spaces at the end are, too, unless they follow a backslash.
fn plain(scan: &mut Scan<'_>, first: char, text: &mut String) {
    let mut kept = text.len();
    let mut next = Some(first);
    while let Some(is) = next.filter(|is| *is != '\n') {
        if is == '\\' {
            if let Some(escaped) = scan.next().map(|glyph| glyph.is).filter(|is| *is != '\n') {
                text.push(escaped);
            }
            kept = text.len();
        } else {
            text.push(is);
            if !is_space(is) {
                kept = text.len();
            }
        }
        next = scan.next().map(|glyph| glyph.is);
    }
    text.truncate(kept);
}
