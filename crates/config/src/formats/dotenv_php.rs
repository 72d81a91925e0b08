//! Dotenv files as vlucas/phpdotenv reads them (5.6, `src/Parser` and `src/Loader`; tried out against 5.4), which Laravel uses.
//!
//! - `KEY=value`, `export KEY=value`; names are of letters, digits, `_` and `.`. A key without `=` is taken out of the environment.
//! - Without quotes a `#` begins a comment also without a space before it, and a space ends the value. `'...'` is taken as it is. In `"..."`, `\"`,
//!   `\\`, `\$`, `\f`, `\n`, `\r`, `\t` and `\v` are escapes and all others are refused. Only `"..."` goes over several lines, and only right after `=`.
//! - `${NAME}` outside of `'...'` is a reference, and stays as it is when the key is not set. A name may itself be built of references:
//!   what that gives is unknown here.

use std::collections::HashSet;

use super::glyphs::{Glyph, Newlines, Scan, glyphs, text_of, trim};
use super::text::{Builder, Encoding, Fault, Reading, Spot, decode};
use crate::source::{Input, Missing, Piece, Read, Template};

/// Reads such a file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = decode(input.bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    let all = glyphs(&text, Newlines::Any);
    let mut scan = Scan::new(&all);
    let mut unset = HashSet::new();
    while scan.at < all.len() && !reading.is_full() {
        let start = scan;
        let Some(raw) = entry(&mut scan) else {
            let message = "a quote that opens in this line is not closed: the rest of the file is not read";
            reading.fault(Fault::error(start.spot(), message, "close it with `\"` at the end of a line"));
            break;
        };
        match trim(raw, is_trimmed).first() {
            None => {}
            Some(first) if first.is == '#' && raw.iter().any(|glyph| glyph.is == '\n') => {
                let message = "a quote in this comment makes comments of the lines after it";
                reading.fault(Fault::warning(first.at, message, "take the quote out"));
            }
            Some(first) if first.is == '#' => {}
            Some(_) => {
                if let Err(fault) = assignment(raw, &mut reading, &mut unset) {
                    reading.fault(fault);
                }
            }
        }
    }
    reading.read.assignments.retain(|assignment| !unset.contains(&assignment.key));
    reading.finish()
}

/// What PHP's `trim` takes off.
fn is_trimmed(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\0' | '\u{b}')
}

/// What `ctype_space` is true of.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t'..='\r')
}

/// A line, or the several over which double quotes go; the cursor is then in the next one.
fn entry<'a>(scan: &mut Scan<'a>) -> Option<&'a [Glyph]> {
    let start = scan.at;
    let mut open = false;
    while scan.at < scan.all.len() {
        let line = scan.rest_of_line();
        let end = scan.at;
        scan.next();
        let opens = line.windows(2).any(|two| (two[0].is, two[1].is) == ('=', '"')) && quotes(line) < 2;
        let closes = matches!(line, [only] if only.is == '"') || quotes(line) >= 1;
        if !opens && (!open || closes) {
            return Some(&scan.all[start..end]);
        }
        open = true;
    }
    None
}

/// How many quotes without a backslash a line has after its first character.
fn quotes(line: &[Glyph]) -> usize {
    let mut quotes = 0;
    let mut before: Option<char> = None;
    let mut rest = line;
    while let [first, after @ ..] = rest {
        if first.is == '\\' && after.first().is_some_and(|second| second.is == '\\') {
            rest = &after[1..];
            continue;
        }
        quotes += usize::from(first.is == '"' && before.is_some_and(|before| before != '\\'));
        before = Some(first.is);
        rest = after;
    }
    quotes
}

fn assignment(raw: &[Glyph], reading: &mut Reading<'_>, unset: &mut HashSet<String>) -> Result<(), Fault> {
    let equals = raw.iter().position(|glyph| glyph.is == '=');
    // A key without `=` is taken with the spaces around it, which none can have.
    let name = equals.map_or(raw, |equals| trim(&raw[..equals], is_trimmed));
    let Some(first) = name.first() else {
        return Err(Fault::error(raw[0].at, "no key stands before this `=`", "write KEY=value"));
    };
    let exported = name.len() > 8 && text_of(&name[..6]) == "export" && is_space(name[6].is);
    let name = if exported { trim(&name[6..], is_space) } else { name };
    let name = match name {
        [open, inner @ .., close] if !inner.is_empty() && open.is == close.is && matches!(open.is, '"' | '\'') => inner,
        name => name,
    };
    let fits = |glyph: &Glyph| glyph.is.is_ascii_alphanumeric() || matches!(glyph.is, '_' | '.');
    if !name.iter().all(fits) || name.is_empty() {
        let hint = "use letters, digits, `_` and `.`; put a value of several lines in double quotes, right after `=`";
        return Err(Fault::error(first.at, "this is not a name that a key can have", hint));
    }
    let Some(equals) = equals else {
        let message = "a key without `=` is taken out of the environment";
        reading.fault(Fault::note(name[0].at, message, "write KEY=value"));
        unset.insert(text_of(name));
        return Ok(());
    };
    let value = value(trim(&raw[equals + 1..], is_trimmed), reading)?;
    unset.remove(&text_of(name));
    reading.assign(text_of(name), value, name[0].at);
    Ok(())
}

/// A character of a value, and whether it is a `$` that may begin a reference.
type Kept = (Glyph, bool);

#[derive(Clone, Copy)]
enum State {
    Initial,
    Unquoted,
    Single(Spot),
    Double(Spot),
    /// After the value.
    Space,
}

fn value(raw: &[Glyph], reading: &Reading<'_>) -> Result<Template, Fault> {
    let mut kept: Vec<Kept> = Vec::with_capacity(raw.len());
    let mut state = State::Initial;
    let mut scan = Scan::new(raw);
    while let Some(glyph) = scan.next() {
        state = match (state, glyph.is) {
            (State::Initial | State::Unquoted | State::Space, '#') => break,
            (State::Initial, '\'') => State::Single(glyph.at),
            (State::Initial, '"') => State::Double(glyph.at),
            (State::Unquoted, space) if is_space(space) => State::Space,
            (State::Initial | State::Unquoted, is) => {
                kept.push((glyph, is == '$'));
                State::Unquoted
            }
            (State::Single(_), '\'') | (State::Double(_), '"') => State::Space,
            (State::Double(opened), '\\') => {
                let Some(next) = scan.next() else { return Err(unclosed(opened)) };
                let Some(is) = escape(next.is) else {
                    let hint = "write \\\\ for a backslash, or use single quotes";
                    return Err(Fault::error(glyph.at, "this escape is not known", hint));
                };
                kept.push((Glyph { is, at: glyph.at }, false));
                State::Double(opened)
            }
            (quoted @ (State::Single(_) | State::Double(_)), is) => {
                kept.push((glyph, is == '$' && matches!(quoted, State::Double(_))));
                quoted
            }
            (State::Space, space) if is_space(space) => State::Space,
            (State::Space, _) => {
                let message = "text follows a space or the closing quote";
                return Err(Fault::error(glyph.at, message, "put a value with spaces in double quotes"));
            }
        };
    }
    match state {
        State::Single(opened) | State::Double(opened) => Err(unclosed(opened)),
        State::Initial | State::Unquoted | State::Space => Ok(template(&kept, reading)),
    }
}

fn unclosed(spot: Spot) -> Fault {
    Fault::error(spot, "this quote is not closed", "close it, or write \\\" for a quote inside of double quotes")
}

fn escape(character: char) -> Option<char> {
    Some(match character {
        '"' | '\\' | '$' => character,
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        _ => return None,
    })
}

/// What follows a `$`.
enum After {
    Name(usize),
    /// A name that another reference is part of.
    Built,
    Nothing,
}

fn after_dollar(rest: &[Kept]) -> After {
    if rest.first().is_none_or(|(glyph, _)| glyph.is != '{') {
        return After::Nothing;
    }
    let in_name = |is: char| is.is_ascii_alphanumeric() || matches!(is, '_' | '.');
    let length = rest[1..].iter().take_while(|(glyph, _)| in_name(glyph.is)).count();
    match rest.get(length + 1) {
        Some((glyph, _)) if glyph.is == '}' && length > 0 => After::Name(length),
        Some((_, true)) if matches!(rest.get(length + 2), Some((glyph, _)) if glyph.is == '{') => After::Built,
        _ => After::Nothing,
    }
}

fn template(kept: &[Kept], reading: &Reading<'_>) -> Template {
    let mut built = Builder::default();
    let mut at = 0;
    while let Some((glyph, may_refer)) = kept.get(at) {
        at += 1;
        let place = reading.place(glyph.at);
        match if *may_refer { after_dollar(&kept[at..]) } else { After::Nothing } {
            After::Name(length) => {
                let name = kept[at + 1..=at + length].iter().map(|(glyph, _)| glyph.is).collect();
                built.piece(Piece::Reference {
                    name,
                    default: None,
                    or_empty: false,
                    missing: Missing::Unknown,
                    place,
                });
                at += length + 2;
            }
            After::Built => {
                built.piece(Piece::Unknown {
                    why: "it refers to a name that is itself built of references".to_owned(),
                    place,
                });
            }
            After::Nothing => built.push(glyph.is),
        }
    }
    built.finish()
}
