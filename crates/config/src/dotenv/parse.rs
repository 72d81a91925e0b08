//! From a dotenv file's bytes to assignments. Pure.

use std::collections::BTreeMap;

use sternway_core::finding::{Finding, Place};

use super::cursor::{Cursor, is_space};
use crate::secret::SecretText;
use crate::source::{Assignment, Missing, Piece, Read, Template, is_key};

/// Defaults within defaults go no deeper than this.
const DEEPEST: u32 = 8;

/// Why a line cannot be read, where, and what to do. No word of the line itself: it may be a piece of a secret.
struct Wrong {
    place: Place,
    message: &'static str,
    hint: &'static str,
}

/// Parses a dotenv file; `file` is its name in findings. Every line that cannot be read is a finding, and reading goes on with
/// the next.
pub fn parse(bytes: &[u8], file: &str) -> Read {
    let mut read = Read::default();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let mut cursor = Cursor::new(file, std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default());
            while cursor.next().is_some() {}
            let wrong = Wrong { place: cursor.place(), message: "this is not UTF-8", hint: "save the file as UTF-8" };
            read.findings.push(wrong.finding(file));
            return read;
        }
    };
    let mut cursor = Cursor::new(file, text);
    loop {
        let start = cursor;
        match line(&mut cursor) {
            Ok(assignment) => read.assignments.extend(assignment),
            Err(wrong) => {
                read.findings.push(wrong.finding(file));
                // After an open quote go on with the next line, not with the file's end.
                cursor = start;
            }
        }
        if !cursor.next_line() {
            break;
        }
    }
    read.findings.extend(twice(&read.assignments));
    read
}

/// A warning for each key that is set more than once.
fn twice(assignments: &[Assignment]) -> Vec<Finding> {
    let mut places: BTreeMap<&str, Vec<&Place>> = BTreeMap::new();
    for assignment in assignments {
        places.entry(&assignment.key).or_default().push(&assignment.place);
    }
    let several = places.into_iter().filter(|(_, places)| places.len() > 1);
    let warn = |(key, places): (&str, Vec<&Place>)| {
        let message = format!("it is set {} times in one file; the last counts", places.len());
        let finding = Finding::warning("S0203", key, message).hint("keep one of the lines");
        places.into_iter().fold(finding, |finding, place| finding.at(&place.file, place.line, place.column))
    };
    several.map(warn).collect()
}

/// Reads one line, or the several over which quotes go, up to its end.
fn line(cursor: &mut Cursor<'_>) -> Result<Option<Assignment>, Wrong> {
    cursor.skip_spaces();
    if cursor.at_line_end() || cursor.peek() == Some('#') {
        return Ok(None);
    }
    let mut place = cursor.place();
    let mut key = key(cursor);
    if key == "export" && cursor.peek() != Some('=') {
        place = cursor.place();
        key = self::key(cursor);
    }
    if cursor.peek() != Some('=') {
        let message = "this line has no `=` after its key";
        let hint = "write KEY=value; put a value of several lines in double quotes";
        return Err(Wrong { place: cursor.place(), message, hint });
    }
    if !is_key(key) {
        let hint = "use letters, digits and `_`, not starting with a digit";
        return Err(Wrong { place, message: "this is not a name that an environment variable can have", hint });
    }
    cursor.next();
    let value = value(cursor)?;
    Ok(Some(Assignment { key: key.to_owned(), value, place }))
}

/// Everything up to a space or `=`, and the spaces after it.
fn key<'a>(cursor: &mut Cursor<'a>) -> &'a str {
    let key = cursor.take_while(|character| character != '=' && !is_space(character));
    cursor.skip_spaces();
    key
}

fn value(cursor: &mut Cursor<'_>) -> Result<Template, Wrong> {
    let spaces = !cursor.take_while(is_space).is_empty();
    let start = cursor.place();
    let value = match cursor.peek() {
        Some('\'') => single(cursor)?,
        Some('"') => {
            cursor.next();
            let mut value = Pieces::default();
            pieces(cursor, &mut value, Within::Quotes, &start, 0)?;
            value.finish()
        }
        _ => return unquoted(cursor, spaces),
    };
    cursor.skip_spaces();
    if cursor.at_line_end() || cursor.peek() == Some('#') {
        return Ok(value);
    }
    let hint = "write a quote inside of double quotes as \\\"; only a comment may follow the closing quote";
    Err(Wrong { place: cursor.place(), message: "text follows the closing quote", hint })
}

fn single(cursor: &mut Cursor<'_>) -> Result<Template, Wrong> {
    let start = cursor.place();
    cursor.next();
    let mut text = String::new();
    loop {
        let place = cursor.place();
        match cursor.next() {
            None => return Err(Wrong { place: start, ..UNCLOSED }),
            Some('\'') => return Ok(Template::text(text)),
            Some('\0') => return Err(Wrong { place, ..NUL }),
            Some(character) => text.push(character),
        }
    }
}

fn unquoted(cursor: &mut Cursor<'_>, mut after_space: bool) -> Result<Template, Wrong> {
    let mut value = Pieces::default();
    while !cursor.at_line_end() && (!after_space || cursor.peek() != Some('#')) {
        after_space = cursor.peek().is_some_and(is_space);
        piece(cursor, &mut value, Within::Line, 0)?;
    }
    value.text.truncate(value.text.trim_end_matches(is_space).len());
    Ok(value.finish())
}

/// What a piece of text stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// The rest of a line.
    Line,
    /// Double quotes.
    Quotes,
    /// Braces without quotes around them.
    Braces,
    /// Braces in double quotes.
    QuotedBraces,
}

impl Within {
    fn quoted(self) -> bool {
        matches!(self, Self::Quotes | Self::QuotedBraces)
    }

    fn braces(self) -> Self {
        if self.quoted() { Self::QuotedBraces } else { Self::Braces }
    }
}

/// Reads text with references and escapes up to the closing quote or brace, which is taken.
fn pieces(cursor: &mut Cursor<'_>, into: &mut Pieces, within: Within, opened: &Place, depth: u32) -> Result<(), Wrong> {
    let (closing, unclosed) = if within == Within::Quotes { ('"', UNCLOSED) } else { ('}', UNCLOSED_BRACE) };
    loop {
        if cursor.take(closing) {
            return Ok(());
        }
        let ends = if within.quoted() { cursor.peek().is_none() } else { cursor.at_line_end() };
        if ends {
            return Err(Wrong { place: opened.clone(), ..unclosed });
        }
        piece(cursor, into, within, depth)?;
    }
}

/// Reads one character, escape or reference.
fn piece(cursor: &mut Cursor<'_>, into: &mut Pieces, within: Within, depth: u32) -> Result<(), Wrong> {
    let place = cursor.place();
    match cursor.next() {
        Some('\\') => escape(cursor, into, within.quoted()),
        Some('$') => reference(cursor, into, place, within, depth)?,
        Some('\0') => return Err(Wrong { place, ..NUL }),
        Some(other) => into.text.push(other),
        None => {}
    }
    Ok(())
}

/// After a backslash.
fn escape(cursor: &mut Cursor<'_>, into: &mut Pieces, quoted: bool) {
    let stands_for = match cursor.peek() {
        Some('$') => Some('$'),
        Some('n') if quoted => Some('\n'),
        Some('r') if quoted => Some('\r'),
        Some('t') if quoted => Some('\t'),
        Some(same @ ('"' | '\\')) if quoted => Some(same),
        _ => None,
    };
    if stands_for.is_some() {
        cursor.next();
    }
    into.text.push(stands_for.unwrap_or('\\'));
}

/// After a `$`.
fn reference(
    cursor: &mut Cursor<'_>,
    into: &mut Pieces,
    place: Place,
    within: Within,
    depth: u32,
) -> Result<(), Wrong> {
    let in_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let braced = cursor.take('{');
    if !braced && !cursor.peek().is_some_and(|first| in_name(first) && !first.is_ascii_digit()) {
        into.text.push('$');
        return Ok(());
    }
    let name = cursor.take_while(in_name).to_owned();
    let mut default = None;
    let mut or_empty = false;
    if braced && !is_key(&name) {
        let message = "`${` is not followed by a key";
        return Err(Wrong { place, message, hint: PLAIN });
    }
    if braced && !cursor.take('}') {
        or_empty = cursor.take(':');
        if !cursor.take('-') {
            let message = "only ${KEY}, ${KEY:-default} and ${KEY-default} are known";
            return Err(Wrong { place, message, hint: PLAIN });
        }
        if depth == DEEPEST {
            let hint = "give the inner default a key of its own";
            return Err(Wrong { place, message: "defaults go too deep into each other", hint });
        }
        let mut text = Pieces::default();
        pieces(cursor, &mut text, within.braces(), &place, depth + 1)?;
        default = Some(text.finish());
    }
    into.refer(Piece::Reference { name, default, or_empty, missing: Missing::Error, place });
    Ok(())
}

/// A value that grows.
#[derive(Default)]
struct Pieces {
    done: Vec<Piece>,
    text: String,
}

impl Pieces {
    fn refer(&mut self, reference: Piece) {
        self.flush();
        self.done.push(reference);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.done.push(Piece::Text(SecretText::new(std::mem::take(&mut self.text))));
        }
    }

    fn finish(mut self) -> Template {
        self.flush();
        Template(self.done)
    }
}

const PLAIN: &str = "write \\$ for a plain `$`, or use single quotes";
const NOWHERE: Place = Place { file: String::new(), line: 0, column: 0 };
const UNCLOSED: Wrong = Wrong {
    place: NOWHERE,
    message: "this quote is not closed",
    hint: "close it, or write \\\" for a quote inside of double quotes",
};
const UNCLOSED_BRACE: Wrong = Wrong {
    place: NOWHERE,
    message: "this `${` is not closed",
    hint: "close it with `}`, or write \\$ for a plain `$`",
};
const NUL: Wrong = Wrong {
    place: NOWHERE,
    message: "the value holds a NUL, which no environment variable can hold",
    hint: "take it out, or encode the value",
};

impl Wrong {
    fn finding(self, file: &str) -> Finding {
        Finding::error("S0201", file, self.message)
            .at(self.place.file, self.place.line, self.place.column)
            .hint(self.hint)
    }
}
