//! The lines of a unit file (systemd 252, `conf-parser.c`).

use crate::formats::glyphs::{Glyph, Newlines, Scan, glyphs, text_of, trim};
use crate::formats::text::{Encoding, Fault, Reading, Spot, decode};

/// An assignment of a section that says how processes are run.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) value: Vec<Glyph>,
    pub(super) spot: Spot,
}

/// The sections in which processes are described.
const SECTIONS: &[&str] = &["Service", "Socket", "Mount", "Swap"];

/// systemd refuses longer lines.
const LONGEST: usize = 1 << 20;

pub(super) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// The assignments that concern processes.
pub(super) fn entries(bytes: &[u8], reading: &mut Reading<'_>) -> Vec<Entry> {
    let Some(text) = decode(bytes, Encoding::Utf8, reading) else { return Vec::new() };
    let all = glyphs(&text, Newlines::Any);
    let mut scan = Scan::new(&all);
    let mut entries = Vec::new();
    let mut section: Option<bool> = None;
    while scan.at < all.len() && !reading.is_full() {
        let line = line(&mut scan);
        if let Err(fault) = one(&line, &mut section, &mut entries) {
            reading.fault(fault);
        }
    }
    entries
}

/// A line with those that continue it. Comments between them are skipped; the backslash becomes a space.
fn line(scan: &mut Scan<'_>) -> Vec<Glyph> {
    let mut whole: Vec<Glyph> = Vec::new();
    while scan.at < scan.all.len() {
        let text = scan.rest_of_line();
        scan.next();
        let start = text.iter().position(|glyph| !is_space(glyph.is)).unwrap_or(text.len());
        let text = &text[start..];
        if text.first().is_some_and(|first| matches!(first.is, '#' | ';')) {
            continue;
        }
        whole.extend(text);
        let backslashes = whole.iter().rev().take_while(|glyph| glyph.is == '\\').count();
        match whole.last_mut().filter(|_| backslashes % 2 == 1) {
            Some(last) => last.is = ' ',
            None => break,
        }
    }
    whole
}

fn one(line: &[Glyph], section: &mut Option<bool>, entries: &mut Vec<Entry>) -> Result<(), Fault> {
    let line = trim(line, is_space);
    let Some(first) = line.first() else { return Ok(()) };
    let spot = first.at;
    if line.len() > LONGEST {
        return Err(Fault::error(spot, "this line is longer than the 1 MiB that systemd reads", "split it"));
    }
    if let [open, name @ .., close] = line
        && open.is == '['
        && close.is == ']'
    {
        *section = Some(SECTIONS.contains(&&*text_of(name)));
        return Ok(());
    }
    if first.is == '[' {
        return Err(Fault::error(spot, "this section's `[` is not closed", "write [Service]"));
    }
    let Some(equals) = line.iter().position(|glyph| glyph.is == '=') else {
        return Err(Fault::warning(spot, "no `=` is in this line: systemd skips it", "write Name=value"));
    };
    match section {
        None => {
            let hint = "write [Service] above it";
            return Err(Fault::warning(spot, "this line stands in no section: systemd skips it", hint));
        }
        Some(false) => {}
        Some(true) => {
            let name = text_of(trim(&line[..equals], is_space));
            entries.push(Entry { name, value: trim(&line[equals + 1..], is_space).to_vec(), spot });
        }
    }
    Ok(())
}
