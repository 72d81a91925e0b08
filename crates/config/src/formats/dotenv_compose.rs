//! Dotenv files as Docker Compose reads `env_file` and `.env` (compose-go 2.13, `dotenv/parser.go` and `template/template.go`).
//!
//! - `KEY=value`, `KEY: value`, `export KEY=value`; names are of letters, digits, `_`, `.`, `-`, `[` and `]`. A key alone takes its value from
//!   whoever calls Compose, which is unknown here.
//! - Without quotes the value is the line up to ` #`. In `'...'` only `\'` is an escape. In `"..."`, `\a \b \f \n \r \t \v \" \\ \$` and `\0123` are.
//!   Both may go over several lines.
//! - Outside of `'...'`: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:+text}`, `${NAME+text}`, `${NAME:?message}`,
//!   `${NAME?message}`, in defaults and texts, too; `$$` is a `$`. A key that is not set reads as empty, with a warning; but it may be set
//!   where Compose is called, and so it is unknown here.

use super::glyphs::{Glyph, Newlines, Scan, glyphs, text_of, trim_end};
use super::text::{Builder, Encoding, Fault, Reading, Spot, decode};
use crate::source::{Input, Missing, Piece, Read, Template};

/// References within references go no deeper than this.
const DEEPEST: usize = 8;

/// Why a key alone has no value that is known.
pub(super) const FROM_CALLER: &str = "it is taken from whoever calls Compose";

/// Reads such a file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = decode(input.bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    let all = glyphs(&text, Newlines::Raw);
    let mut scan = Scan::new(&all);
    while !reading.is_full() {
        scan.take_while(char::is_whitespace);
        if scan.at == all.len() {
            break;
        }
        if scan.peek() == Some('#') {
            scan.rest_of_line();
            continue;
        }
        let start = scan;
        if let Err(fault) = assignment(&mut scan, &mut reading) {
            reading.fault(fault);
            // After an open quote go on with the next line, not with the file's end.
            reading.read_again(scan.at - start.at, all.len());
            scan = start;
            scan.rest_of_line();
        }
    }
    reading.finish()
}

fn is_space(character: char) -> bool {
    matches!(character, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

fn assignment(scan: &mut Scan<'_>, reading: &mut Reading<'_>) -> Result<(), Fault> {
    if scan.starts_with("export") && scan.ahead(6).is_some_and(is_space) {
        scan.at += 6;
        scan.take_while(is_space);
    }
    let spot = scan.spot();
    let in_name = |is: char| is.is_alphanumeric() || matches!(is, '_' | '.' | '-' | '[' | ']') || is_space(is);
    let key = trim_end(scan.take_while(in_name), char::is_whitespace);
    if let Some(space) = key.iter().find(|glyph| is_space(glyph.is)) {
        return Err(Fault::error(space.at, "a key holds a space", "write KEY=value; quote a value of several lines"));
    }
    if scan.at_line_end() {
        let value = Template::unknown(FROM_CALLER, reading.place(spot));
        reading.assign(text_of(key), value, spot);
        return Ok(());
    }
    if key.is_empty() || !(scan.take('=') || scan.take(':')) {
        let hint = "use letters, digits and `_`; put a value of several lines in double quotes";
        return Err(Fault::error(scan.spot(), "this is not a name that a key can have", hint));
    }
    scan.take_while(is_space);
    let value = match scan.peek() {
        Some('\'') => Template::text(text_of(&quoted(scan, '\'')?)),
        Some('"') => template(&escapes(&quoted(scan, '"')?), reading, 0)?,
        _ => {
            let line = scan.rest_of_line();
            let comment = line.windows(2).position(|two| (two[0].is, two[1].is) == (' ', '#'));
            template(trim_end(&line[..comment.unwrap_or(line.len())], char::is_whitespace), reading, 0)?
        }
    };
    reading.assign(text_of(key), value, spot);
    Ok(())
}

/// What stands in quotes; a backslash before the same quote is dropped.
fn quoted(scan: &mut Scan<'_>, quote: char) -> Result<Vec<Glyph>, Fault> {
    let start = scan.spot();
    scan.next();
    let mut text = Vec::new();
    while let Some(glyph) = scan.next() {
        if glyph.is == quote {
            return Ok(text);
        }
        if glyph.is != '\\' {
            text.push(glyph);
            continue;
        }
        let Some(next) = scan.next() else { break };
        if next.is != quote {
            text.push(glyph);
        }
        text.push(next);
    }
    Err(Fault::error(start, "this quote is not closed", "close it, or write \\\" for a quote inside of double quotes"))
}

/// The escapes of double quotes. `\$` becomes `$$`, which is a plain `$` to what follows.
fn escapes(text: &[Glyph]) -> Vec<Glyph> {
    let mut scan = Scan::new(text);
    let mut done = Vec::with_capacity(text.len());
    while let Some(glyph) = scan.next() {
        let next = scan.peek().filter(|_| glyph.is == '\\');
        let simple = match next {
            Some('a') => Some('\u{7}'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('v') => Some('\u{b}'),
            Some(same @ ('"' | '\\' | '$')) => Some(same),
            _ => None,
        };
        if let Some(is) = simple {
            scan.next();
            done.push(Glyph { is, at: glyph.at });
            if is == '$' {
                done.push(Glyph { is, at: glyph.at });
            }
        } else if next == Some('0') {
            scan.next();
            octal(&mut scan, glyph.at, &mut done);
        } else {
            done.push(glyph);
        }
    }
    done
}

/// After `\0`: up to three digits; with three that fit a byte it is that character, else the `0` alone is dropped.
fn octal(scan: &mut Scan<'_>, at: Spot, done: &mut Vec<Glyph>) {
    let start = scan.at;
    while scan.at - start < 3 && scan.peek().is_some_and(|digit| digit.is_ascii_digit()) {
        scan.at += 1;
    }
    let digits = &scan.all[start..scan.at];
    let code = u8::from_str_radix(&text_of(digits), 8).ok().filter(|_| digits.len() == 3);
    if let Some(code) = code {
        done.push(Glyph { is: char::from(code), at });
    } else {
        done.push(Glyph { is: '\\', at });
        done.extend(digits);
    }
}

/// A value of a Compose file, where a `$` that begins no reference is refused.
pub(super) fn strict(text: &[Glyph], reading: &Reading<'_>) -> Result<Template, Fault> {
    let mut scan = Scan::new(text);
    while let Some(glyph) = scan.next() {
        let begins = |next: char| next == '{' || next == '_' || next.is_ascii_alphabetic();
        if glyph.is == '$' && !scan.take('$') && !scan.peek().is_some_and(begins) {
            let message = "Compose refuses this `$`: it begins no reference";
            return Err(Fault::error(glyph.at, message, "write $$ for a plain `$`"));
        }
    }
    template(text, reading, 0)
}

fn template(text: &[Glyph], reading: &Reading<'_>, depth: usize) -> Result<Template, Fault> {
    let mut scan = Scan::new(text);
    let mut built = Builder::default();
    while let Some(glyph) = scan.next() {
        if glyph.is != '$' || scan.take('$') {
            built.push(glyph.is);
            continue;
        }
        let place = reading.place(glyph.at);
        if scan.take('{') {
            let inner = braced(&mut scan, glyph.at)?;
            built.piece(reference(inner, glyph.at, reading, depth)?);
            continue;
        }
        let name = name(&mut scan);
        if name.is_empty() {
            built.push('$');
        } else {
            let name = text_of(name);
            built.piece(Piece::Reference { name, default: None, or_empty: false, missing: Missing::Unknown, place });
        }
    }
    Ok(built.finish())
}

fn name<'a>(scan: &mut Scan<'a>) -> &'a [Glyph] {
    if scan.peek().is_some_and(|first| first.is_ascii_digit()) {
        return &[];
    }
    scan.take_while(|character| character.is_ascii_alphanumeric() || character == '_')
}

fn invalid(spot: Spot) -> Fault {
    let message = "this `${...}` is none that Compose knows";
    Fault::error(spot, message, "write ${NAME} or ${NAME:-default}, or $$ for a plain `$`")
}

/// What stands up to the brace that closes.
fn braced<'a>(scan: &mut Scan<'a>, start: Spot) -> Result<&'a [Glyph], Fault> {
    let from = scan.at;
    let mut open = 1_usize;
    while let Some(glyph) = scan.next() {
        match glyph.is {
            '}' => open -= 1,
            '$' if scan.take('{') => open += 1,
            '\n' => break,
            _ => {}
        }
        if open == 0 {
            return Ok(&scan.all[from..scan.at - 1]);
        }
    }
    Err(invalid(start))
}

fn reference(inner: &[Glyph], spot: Spot, reading: &Reading<'_>, depth: usize) -> Result<Piece, Fault> {
    if depth == DEEPEST {
        let hint = "give the inner default a key of its own";
        return Err(Fault::error(spot, "references go too deep into each other", hint));
    }
    let mut scan = Scan::new(inner);
    let name = text_of(name(&mut scan));
    if name.is_empty() {
        return Err(invalid(spot));
    }
    let place = reading.place(spot);
    if scan.peek().is_none() {
        return Ok(Piece::Reference { name, default: None, or_empty: false, missing: Missing::Unknown, place });
    }
    let or_empty = scan.take(':');
    let operator = scan.next().map(|glyph| glyph.is);
    let text = || template(&inner[scan.at..], reading, depth + 1);
    Ok(match operator {
        Some('-') => Piece::Reference { name, default: Some(text()?), or_empty, missing: Missing::Unknown, place },
        Some('+') => Piece::Alternative { name, then: text()?, or_empty, place },
        Some('?') => Piece::Reference { name, default: None, or_empty, missing: Missing::Error, place },
        _ => return Err(invalid(spot)),
    })
}
