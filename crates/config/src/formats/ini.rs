//! INI files as Grafana, Gitea, Supervisor and Python programs have them.
//!
//! There is no one INI. These are the rules that the readers share which are met most: gopkg.in/ini.v1 (1.67) and Python's configparser
//! (3.12); where they differ, what reads most files as their authors meant.
//!
//! - `[section]`, then `key = value` or `key: value`; keys are `section.key`, those before any section have no prefix. Nothing is made
//!   lower case, though configparser does so with keys.
//! - `;` and `#` begin a comment at the start of a line, and after a space behind a value (ini.v1; Supervisor for `;`).
//! - `"..."`, `'...'` and `` `...` `` around a whole value are taken off (ini.v1). There are no escapes.
//! - An indented line without `=` and `:` goes on with the value before it, after a line's end (configparser); a `\` at the end of a line
//!   joins it with the next (ini.v1).
//! - `%(name)s` is a key of the same section, else of `[DEFAULT]`, and is looked up in the end; `%%` is `%` in a value that has such a
//!   reference. What is not there may come from the program.
//! - A key without `=` has no value: configparser and ini.v1 refuse it unless told otherwise.

use super::glyphs::{Glyph, Newlines, Scan, glyphs, text_of, trim};
use super::text::{Builder, Encoding, Fault, Reading, decode};
use crate::source::{Input, Missing, Piece, Read, Template};

/// Reads an INI file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = decode(input.bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    reading.read.late = true;
    let all = glyphs(&text, Newlines::Any);
    let mut section = Vec::new();
    let mut scan = Scan::new(&all);
    while scan.at < all.len() && !reading.is_full() {
        if let Err(fault) = line(&mut scan, &mut section, &mut reading) {
            reading.fault(fault);
            scan.rest_of_line();
        }
        scan.next();
    }
    reading.finish()
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\u{b}' | '\u{c}')
}

/// Reads a line, or the several that a value takes, up to its end.
fn line(scan: &mut Scan<'_>, section: &mut Vec<Glyph>, reading: &mut Reading<'_>) -> Result<(), Fault> {
    scan.take_while(is_space);
    let start = scan.spot();
    match scan.peek() {
        None | Some('\n') => return Ok(()),
        Some(';' | '#') => {
            scan.rest_of_line();
            return Ok(());
        }
        Some('[') => {
            scan.next();
            let line = scan.rest_of_line();
            let Some(end) = line.iter().rposition(|glyph| glyph.is == ']') else {
                return Err(Fault::error(start, "this section's `]` is missing", "close it"));
            };
            *section = trim(&line[..end], is_space).to_vec();
            return Ok(());
        }
        Some(_) => {}
    }
    let key = trim(scan.take_while(|character| !matches!(character, '=' | ':' | '\n')), is_space);
    if scan.at_line_end() {
        return Err(Fault::error(start, "this line has neither `=` nor `:`", "write key = value"));
    }
    if key.is_empty() {
        return Err(Fault::error(start, "no key stands before this", "write key = value"));
    }
    scan.next();
    let mut value = value(scan);
    while let Some(more) = continuation(scan) {
        value.push(Glyph { is: '\n', at: more.first().map_or(start, |glyph| glyph.at) });
        value.extend(more);
    }
    let section = text_of(section);
    let name = text_of(key);
    let name = if section.is_empty() { name } else { format!("{section}.{name}") };
    let template = template(&value, &section, reading);
    reading.assign(name, template, start);
    Ok(())
}

/// The rest of a line, with those that `\` joins to it.
fn value(scan: &mut Scan<'_>) -> Vec<Glyph> {
    let mut value = Vec::new();
    loop {
        let line = plain(scan.rest_of_line());
        let Some((_, before)) = line.split_last().filter(|(last, _)| last.is == '\\') else {
            value.extend_from_slice(line);
            return value;
        };
        // At the end of the file there is nothing to join.
        if scan.ahead(1).is_none() {
            value.extend_from_slice(line);
            return value;
        }
        value.extend_from_slice(before);
        scan.next();
        scan.take_while(is_space);
    }
}

/// A value's line without what surrounds it: spaces, a comment, quotes.
fn plain(line: &[Glyph]) -> &[Glyph] {
    let line = trim(line, is_space);
    if let Some(quote) = line.first().filter(|first| matches!(first.is, '"' | '\'' | '`')) {
        let closing = line.iter().skip(1).position(|glyph| glyph.is == quote.is);
        if let Some(closing) = closing {
            let after = trim(&line[closing + 2..], is_space);
            if after.first().is_none_or(|first| matches!(first.is, ';' | '#')) {
                return &line[1..=closing];
            }
        }
    }
    let comment = line.windows(2).position(|two| is_space(two[0].is) && matches!(two[1].is, ';' | '#'));
    let begins = line.first().is_some_and(|first| matches!(first.is, ';' | '#'));
    if begins { &[] } else { trim(&line[..comment.unwrap_or(line.len())], is_space) }
}

/// The next line, when it goes on with the value before it.
fn continuation<'a>(scan: &mut Scan<'a>) -> Option<&'a [Glyph]> {
    let mut next = *scan;
    next.next();
    if next.take_while(is_space).is_empty() || matches!(next.peek(), None | Some('\n' | ';' | '#' | '[')) {
        return None;
    }
    let line = next.rest_of_line();
    if line.iter().any(|glyph| matches!(glyph.is, '=' | ':')) {
        return None;
    }
    *scan = next;
    Some(trim(line, is_space))
}

/// The value with its references.
fn template(value: &[Glyph], section: &str, reading: &Reading<'_>) -> Template {
    let referring = (0..value.len()).any(|at| name_at(&value[at..]).is_some());
    let mut built = Builder::default();
    let mut rest = value;
    while let [first, after @ ..] = rest {
        if let Some(name) = name_at(rest) {
            built.piece(reference(&text_of(name), section, *first, reading));
            rest = &after[name.len() + 3..];
        } else {
            let pair = referring && first.is == '%' && after.first().is_some_and(|second| second.is == '%');
            built.push(first.is);
            rest = if pair { &after[1..] } else { after };
        }
    }
    built.finish()
}

/// The name in a `%(name)s` that begins here.
fn name_at(value: &[Glyph]) -> Option<&[Glyph]> {
    let [percent, bracket, rest @ ..] = value else { return None };
    if (percent.is, bracket.is) != ('%', '(') {
        return None;
    }
    let length = rest.iter().position(|glyph| matches!(glyph.is, ')' | '(' | '%'))?;
    let ends = length > 0 && rest[length].is == ')' && rest.get(length + 1).is_some_and(|glyph| glyph.is == 's');
    ends.then_some(&rest[..length])
}

fn reference(name: &str, section: &str, at: Glyph, reading: &Reading<'_>) -> Piece {
    let place = reading.place(at.at);
    let refer = |name: String, default| Piece::Reference {
        name,
        default,
        or_empty: false,
        missing: Missing::Unknown,
        place: place.clone(),
    };
    let bare = refer(name.to_owned(), None);
    let common = refer(format!("DEFAULT.{name}"), Some(Template(vec![bare])));
    if section.is_empty() { common } else { refer(format!("{section}.{name}"), Some(Template(vec![common]))) }
}
