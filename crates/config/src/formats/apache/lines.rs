//! Lines of an Apache configuration and their words (httpd 2.4, `ap_cfg_getline` and `ap_getword_conf`).

use crate::formats::glyphs::{Glyph, Newlines, Scan, glyphs, trim};
use crate::formats::text::Spot;

/// A line with those that continue it, as words.
pub(super) struct Line {
    pub(super) words: Vec<Vec<Glyph>>,
    pub(super) spot: Spot,
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n' | '\u{b}' | '\u{c}')
}

/// The lines of a file, without comments.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let all = glyphs(text, Newlines::Any);
    let mut scan = Scan::new(&all);
    let mut lines = Vec::new();
    while scan.at < all.len() {
        let mut whole: Vec<Glyph> = Vec::new();
        loop {
            whole.extend(scan.rest_of_line());
            let more = scan.next().is_some();
            // A backslash at the end goes, with the line end after it.
            if whole.last().is_none_or(|last| last.is != '\\') || !more {
                break;
            }
            whole.pop();
        }
        let line = trim(&whole, is_space);
        if let Some(first) = line.first().filter(|first| first.is != '#') {
            lines.push(Line { words: words(line), spot: first.at });
        }
    }
    lines
}

/// Words are split at spaces, but for those in quotes; there a backslash takes the meaning of the quote and of a backslash away.
fn words(line: &[Glyph]) -> Vec<Vec<Glyph>> {
    let mut scan = Scan::new(line);
    let mut words = Vec::new();
    loop {
        scan.take_while(is_space);
        let Some(first) = scan.peek() else { return words };
        let quote = matches!(first, '"' | '\'').then_some(first);
        scan.at += usize::from(quote.is_some());
        let mut word = Vec::new();
        while let Some(glyph) = scan.next() {
            match scan.peek() {
                Some(next) if glyph.is == '\\' && (next == '\\' || quote == Some(next)) => word.extend(scan.next()),
                _ if quote == Some(glyph.is) || quote.is_none() && is_space(glyph.is) => break,
                _ => word.push(glyph),
            }
        }
        words.push(word);
    }
}
