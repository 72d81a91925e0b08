//! Words of a value (systemd 252, `extract-word.c` and `escape.c`): split at spaces, unquoted, with C's escapes.

use super::unit::is_space;
use crate::formats::glyphs::{Glyph, Scan};
use crate::formats::text::{Fault, Reading, Spot};

/// A word and where it begins.
pub(super) struct Word {
    pub(super) text: Vec<Glyph>,
    pub(super) spot: Spot,
}

/// The words; at what cannot be read, systemd drops the rest of the line, and so is done here.
pub(super) fn words(value: &[Glyph], reading: &mut Reading<'_>) -> Vec<Word> {
    let mut scan = Scan::new(value);
    let mut words = Vec::new();
    loop {
        scan.take_while(is_space);
        if scan.peek().is_none() {
            return words;
        }
        match word(&mut scan) {
            Ok(word) => words.push(word),
            Err(fault) => {
                reading.fault(fault);
                return words;
            }
        }
    }
}

fn word(scan: &mut Scan<'_>) -> Result<Word, Fault> {
    let spot = scan.spot();
    let mut text = Vec::new();
    let mut quote: Option<Glyph> = None;
    while let Some(glyph) = scan.next() {
        match (quote, glyph.is) {
            (_, '\\') => text.push(Glyph { is: escape(scan, glyph.at)?, at: glyph.at }),
            (Some(open), is) if is == open.is => quote = None,
            (None, '"' | '\'') => quote = Some(glyph),
            (None, is) if is_space(is) => break,
            _ => text.push(glyph),
        }
    }
    match quote {
        Some(open) => {
            let message = "this quote is not closed: systemd skips the rest of the line";
            Err(Fault::warning(open.at, message, "close it"))
        }
        None => Ok(Word { text, spot }),
    }
}

/// What follows a backslash.
fn escape(scan: &mut Scan<'_>, at: Spot) -> Result<char, Fault> {
    let invalid = || {
        let message = "this escape is none that systemd knows: it skips the rest of the line";
        Fault::warning(at, message, "write \\\\ for a plain backslash")
    };
    let kind = scan.next().ok_or_else(invalid)?.is;
    let simple = match kind {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        's' => ' ',
        '\\' | '"' | '\'' => kind,
        'x' => return code(scan, 2, 16, 0).ok_or_else(invalid),
        'u' => return code(scan, 4, 16, 0).ok_or_else(invalid),
        'U' => return code(scan, 8, 16, 0).ok_or_else(invalid),
        '0'..='3' => return code(scan, 2, 8, kind.to_digit(8).unwrap_or(0)).ok_or_else(invalid),
        _ => return Err(invalid()),
    };
    Ok(simple)
}

/// A character by its number, of so many digits. One byte that is no ASCII may be a piece of UTF-8: that is not put together.
fn code(scan: &mut Scan<'_>, digits: u32, radix: u32, first: u32) -> Option<char> {
    let mut code = first;
    for _ in 0..digits {
        code = code.checked_mul(radix)?.checked_add(scan.next()?.is.to_digit(radix)?)?;
    }
    let one_byte = digits == 2;
    char::from_u32(code).filter(|is| *is != '\0' && (!one_byte || is.is_ascii()))
}
