//! Files as `docker run --env-file` reads them (docker/cli 28, `pkg/kvfile`).
//!
//! Each line is taken as it is: `KEY=value`, where quotes, `#`, `$` and spaces of the value belong to it. Lines that are empty or begin with
//! `#` are skipped, and spaces before a key. A key without `=` takes its value from whoever calls Docker, which is unknown here.

use super::glyphs::{Newlines, Scan, glyphs, text_of};
use super::text::{Encoding, Fault, Reading, decode};
use crate::source::{Input, Read, Template};

/// Go's scanner of lines refuses longer ones (`bufio.MaxScanTokenSize`).
const LONGEST: usize = 64 * 1024;

/// Reads such a file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = decode(input.bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    let all = glyphs(&text, Newlines::Raw);
    let mut scan = Scan::new(&all);
    while scan.at < all.len() && !reading.is_full() {
        if let Err(fault) = line(&mut scan, &mut reading) {
            reading.fault(fault);
            scan.rest_of_line();
        }
        scan.next();
    }
    reading.finish()
}

fn line(scan: &mut Scan<'_>, reading: &mut Reading<'_>) -> Result<(), Fault> {
    scan.take_while(|character| character != '\n' && character.is_whitespace());
    let start = scan.spot();
    let line = match scan.rest_of_line() {
        // Of CRLF the CR belongs to the line end.
        [line @ .., last] if last.is == '\r' => line,
        line => line,
    };
    if line.first().is_none_or(|first| first.is == '#') {
        return Ok(());
    }
    if line.iter().map(|glyph| glyph.is.len_utf8()).sum::<usize>() >= LONGEST {
        return Err(Fault::error(start, "this line is longer than the 64 KiB that Docker reads", "keep it in a file"));
    }
    let equals = line.iter().position(|glyph| glyph.is == '=');
    let key = &line[..equals.unwrap_or(line.len())];
    if key.is_empty() {
        return Err(Fault::error(start, "no key stands before this `=`", "write KEY=value"));
    }
    if let Some(space) = key.iter().find(|glyph| matches!(glyph.is, ' ' | '\t')) {
        return Err(Fault::error(space.at, "a key holds a space", "write KEY=value, without spaces around `=`"));
    }
    if let Some(nul) = line.iter().find(|glyph| glyph.is == '\0') {
        let message = "the line holds a NUL, which no environment variable can hold";
        return Err(Fault::error(nul.at, message, "take it out, or encode the value"));
    }
    let value = match equals {
        Some(equals) => Template::text(text_of(&line[equals + 1..])),
        None => Template::unknown("it is taken from whoever calls Docker", reading.place(start)),
    };
    reading.assign(text_of(key), value, start);
    Ok(())
}
