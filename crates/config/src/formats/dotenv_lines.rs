//! The grammar of lines that the dotenv packages of Node.js and Ruby share.
//!
//! `KEY=value`, `export KEY=value` or `KEY: value`. Spaces before the `=` and before a quoted value may hold line ends. A quoted value may
//! go over several lines, and only a comment may follow it; otherwise the value is the line up to a `#`, quotes included. What does not
//! fit is skipped without a word by both packages: here it is a warning.

use super::glyphs::{Glyph, Scan};
use super::text::{Fault, Reading};

/// What the two packages have of their own.
#[derive(Clone, Copy)]
pub(super) struct Lines {
    pub(super) in_key: fn(char) -> bool,
    pub(super) is_space: fn(char) -> bool,
    pub(super) quotes: &'static [char],
}

/// A line that fits.
pub(super) struct Line<'a> {
    pub(super) key: &'a [Glyph],
    /// With quotes and spaces, as it stands.
    pub(super) value: &'a [Glyph],
}

/// A line that does not fit.
pub(super) const SKIPPED: &str = "this line is no `KEY=value`, and is skipped without a word";
pub(super) const HINT: &str = "write KEY=value; put a value of several lines in double quotes";

impl Lines {
    /// Hands each line that fits, and each that does not, to `each`, which answers with whether to go on.
    pub(super) fn read<'a>(
        self,
        all: &'a [Glyph],
        reading: &mut Reading<'_>,
        mut each: impl FnMut(Result<Line<'a>, &'a [Glyph]>, &mut Reading<'_>),
    ) {
        let mut scan = Scan::new(all);
        while scan.at < all.len() && !reading.is_full() {
            let mut blank = scan;
            blank.take_while(|character| character != '\n' && (self.is_space)(character));
            if blank.at_line_end() || blank.peek() == Some('#') {
                scan = blank;
            } else if let Some((line, after)) = self.line(scan) {
                each(Ok(line), reading);
                scan = after;
            } else {
                scan = blank;
                let line = scan.rest_of_line();
                each(Err(line), reading);
                continue;
            }
            scan.rest_of_line();
            scan.next();
        }
    }

    fn line(self, start: Scan<'_>) -> Option<(Line<'_>, Scan<'_>)> {
        let mut key = start;
        key.take_while(self.is_space);
        let mut exported = key;
        let export = exported.starts_with("export");
        exported.at += if export { 6 } else { 0 };
        if export && !exported.take_while(self.is_space).is_empty() {
            // `export` may also be the key.
            return self.assignment(exported).or_else(|| self.assignment(key));
        }
        self.assignment(key)
    }

    fn assignment(self, mut scan: Scan<'_>) -> Option<(Line<'_>, Scan<'_>)> {
        let key = scan.take_while(self.in_key);
        if key.is_empty() {
            return None;
        }
        let mut equals = scan;
        equals.take_while(self.is_space);
        if equals.take('=') {
            scan = equals;
        } else if !(scan.take(':') && scan.peek().is_some_and(self.is_space)) {
            return None;
        } else {
            scan.next();
        }
        let (value, after) = self.quoted(scan).unwrap_or_else(|| {
            let mut after = scan;
            let value = after.take_while(|character| !matches!(character, '#' | '\n'));
            (value, after)
        });
        Some((Line { key, value }, after))
    }

    /// A quoted value, if only a comment follows it.
    fn quoted(self, scan: Scan<'_>) -> Option<(&[Glyph], Scan<'_>)> {
        let mut inner = scan;
        inner.take_while(self.is_space);
        let quote = inner.peek().filter(|quote| self.quotes.contains(quote))?;
        inner.next();
        // Where it may end: at the first quote without a backslash, or else at one with, the last first.
        let mut ends = Vec::new();
        while let Some(next) = inner.next() {
            if next.is == '\\' && inner.take(quote) {
                ends.push(inner.at);
            } else if next.is == quote {
                ends.push(inner.at);
                break;
            }
        }
        ends.into_iter().rev().find_map(|end| {
            let mut after = Scan { all: scan.all, at: end };
            let ends = self.line_ends(&mut after);
            ends.then(|| (&scan.all[scan.at..end], after))
        })
    }

    /// Whether a line ends here, after spaces and a comment at most; moves there.
    fn line_ends(self, scan: &mut Scan<'_>) -> bool {
        let spaces = scan.take_while(self.is_space);
        if scan.peek() == Some('#') {
            scan.rest_of_line();
            return true;
        }
        let Some(last) = spaces.iter().rposition(|glyph| glyph.is == '\n') else { return scan.peek().is_none() };
        // The line end itself stays.
        scan.at -= spaces.len() - last;
        true
    }
}

/// The warning for a line that does not fit.
pub(super) fn skipped(line: &[Glyph]) -> Option<Fault> {
    Some(Fault::warning(line.first()?.at, SKIPPED, HINT))
}
