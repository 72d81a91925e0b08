//! Dotenv files as symfony/dotenv reads them (7.2, `Dotenv.php`; tried out against 5.4, from which the syntax did not change).
//!
//! - `KEY=value`, `export KEY=value`, without spaces around `=`. A `#` right after `=` or after a space begins a comment.
//! - Quoted and plain pieces stand behind each other; a plain piece holds no spaces unless it refers to something. `'...'` is taken as it
//!   is; in `"..."`, `\"`, `\n` and `\r` are escapes. In both, `\$` is a plain `$` and `\\` a backslash outside of `'...'`.
//! - `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:=default}` are references; the default is plain text, and counts when the value is
//!   empty or not set; `:=` also sets it. What is not set may come from the environment. `$(command)` is unknown here.

use std::collections::HashSet;

use super::glyphs::{Glyph, Newlines, Scan, brackets, glyphs, replace_pairs, text_of, trim_end};
use super::text::{Builder, Encoding, Fault, Reading, Spot, decode};
use crate::source::{Input, Missing, Piece, Read, Template};

/// Reads such a file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    if input.bytes.starts_with(b"\xef\xbb\xbf") {
        let message = "the file begins with a byte order mark, which Symfony refuses";
        reading.fault(Fault::error(Spot::START, message, "save it as UTF-8 without byte order mark"));
    }
    let Some(text) = decode(input.bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    let all = glyphs(&text, Newlines::Any);
    let mut scan = Scan::new(&all);
    let mut file = File { reading, keys: HashSet::new() };
    while !file.reading.is_full() {
        scan.take_while(is_space);
        if scan.at == all.len() {
            break;
        }
        if scan.peek() != Some('#') {
            let start = scan;
            if let Err(fault) = assignment(&mut scan, &mut file) {
                file.reading.fault(fault);
                // After an open quote go on with the next line, not with the file's end.
                file.reading.read_again(scan.at - start.at, all.len());
                scan = start;
            }
        }
        scan.rest_of_line();
    }
    file.reading.finish()
}

struct File<'a> {
    reading: Reading<'a>,
    /// What is set so far.
    keys: HashSet<String>,
}

impl File<'_> {
    fn assign(&mut self, key: String, value: Template, spot: Spot) {
        self.keys.insert(key.clone());
        self.reading.assign(key, value, spot);
    }
}

/// What `\s` is to PHP.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t'..='\r')
}

/// A name that is next, if one is.
fn name<'a>(scan: &mut Scan<'a>) -> &'a [Glyph] {
    let mut ahead = *scan;
    ahead.take('_');
    if !ahead.peek().is_some_and(|first| first.is_ascii_alphabetic()) {
        return &[];
    }
    scan.take_while(|character| character.is_ascii_alphanumeric() || character == '_')
}

fn assignment(scan: &mut Scan<'_>, file: &mut File<'_>) -> Result<(), Fault> {
    let mut exported = *scan;
    if scan.starts_with("export") {
        exported.at += 6;
        if !exported.take_while(|character| matches!(character, ' ' | '\t')).is_empty() {
            let mut ahead = exported;
            if !name(&mut ahead).is_empty() {
                *scan = exported;
            }
        }
    }
    let spot = scan.spot();
    let key = name(scan);
    if key.is_empty() {
        let hint = "use letters, digits and `_`, not starting with a digit";
        return Err(Fault::error(spot, "this is not a name that a key can have", hint));
    }
    if !scan.take('=') {
        let message = "after the key there is no `=` right behind it";
        return Err(Fault::error(scan.spot(), message, "write KEY=value, without spaces around `=`"));
    }
    let value = value(scan, file)?;
    file.assign(text_of(key), value, spot);
    Ok(())
}

fn value(scan: &mut Scan<'_>, file: &mut File<'_>) -> Result<Template, Fault> {
    let mut blank = *scan;
    let spaces = blank.take_while(|character| matches!(character, ' ' | '\t'));
    if blank.at_line_end() || blank.peek() == Some('#') {
        *scan = blank;
        return Ok(Template::text(""));
    }
    if !spaces.is_empty() {
        return Err(Fault::error(scan.spot(), "a space stands before the value", "write KEY=value, without spaces"));
    }
    let mut built = Builder::default();
    while !scan.at_line_end() {
        let start = scan.spot();
        match scan.peek() {
            Some('\'') => {
                scan.next();
                built.push_str(&text_of(scan.take_while(|character| character != '\'')));
                if !scan.take('\'') {
                    return Err(unclosed(start));
                }
            }
            Some('"') => {
                let mut text = double(scan, start)?;
                for pair in [('\\', '"', '"'), ('\\', 'r', '\r'), ('\\', 'n', '\n')] {
                    text = replace_pairs(&text, &[pair]);
                }
                built.extend(resolve(&text, file)?.0);
            }
            _ => {
                let text = plain(scan)?;
                let text = trim_end(&text, |character| is_space(character) || character == '\0');
                let (template, changed) = resolve(text, file)?;
                if let Some(space) = text.iter().find(|glyph| is_space(glyph.is)).filter(|_| !changed) {
                    let message = "a value with spaces stands without quotes";
                    return Err(Fault::error(space.at, message, "put it in quotes"));
                }
                built.extend(template);
                if scan.peek() == Some('#') {
                    break;
                }
            }
        }
    }
    Ok(built.finish())
}

fn unclosed(spot: Spot) -> Fault {
    Fault::error(spot, "this quote is not closed", "close it, or write \\\" for a quote inside of double quotes")
}

/// What stands in double quotes. A quote is escaped by one backslash, and not by the second of two.
fn double(scan: &mut Scan<'_>, start: Spot) -> Result<Vec<Glyph>, Fault> {
    scan.next();
    let mut text = Vec::new();
    loop {
        let before = |by: usize| scan.at.checked_sub(by).and_then(|at| scan.all.get(at)).map(|glyph| glyph.is);
        let escaped = before(1) == Some('\\') && before(2) != Some('\\');
        match scan.next() {
            None => return Err(unclosed(start)),
            Some(glyph) if glyph.is == '"' && !escaped => return Ok(text),
            Some(glyph) => text.push(glyph),
        }
    }
}

/// What stands without quotes: up to a quote, the line's end or a comment.
fn plain(scan: &mut Scan<'_>) -> Result<Vec<Glyph>, Fault> {
    let mut text = Vec::new();
    let mut before = scan.at.checked_sub(1).and_then(|at| scan.all.get(at)).map(|glyph| glyph.is);
    while let Some(next) = scan.peek() {
        let comment = next == '#' && matches!(before, Some(' ' | '\t'));
        if matches!(next, '\n' | '"' | '\'') || comment {
            break;
        }
        if next == '\\' && matches!(scan.ahead(1), Some('"' | '\'')) {
            scan.next();
        }
        let Some(glyph) = scan.next() else { break };
        text.push(glyph);
        before = Some(glyph.is);
        if glyph.is == '$' && scan.peek() == Some('(') {
            command(scan, &mut text, glyph.at)?;
            before = Some('$');
        }
    }
    Ok(text)
}

/// The brackets of a command, which may hold quotes and spaces.
fn command(scan: &mut Scan<'_>, text: &mut Vec<Glyph>, start: Spot) -> Result<(), Fault> {
    let mut depth = 0_usize;
    while let Some(glyph) = scan.next().filter(|glyph| glyph.is != '\n') {
        text.push(glyph);
        match glyph.is {
            '(' => depth += 1,
            ')' if depth == 1 => return Ok(()),
            ')' => depth -= 1,
            _ => {}
        }
    }
    Err(Fault::error(start, "the brackets of this command are not closed", "write \\$ for a plain `$`"))
}

/// Text with its references, and whether anything was replaced in it.
fn resolve(text: &[Glyph], file: &mut File<'_>) -> Result<(Template, bool), Fault> {
    let Ok(text) = commands(text) else {
        let place = file.reading.place(text.first().map_or(Spot::START, |first| first.at));
        return Ok((Template::unknown("it is what a command prints", place), true));
    };
    let before = text.len();
    let mut built = Builder::default();
    let mut plain: Vec<Glyph> = Vec::new();
    let mut kept = 0;
    let mut referring = false;
    let mut flush = |plain: &mut Vec<Glyph>, built: &mut Builder| {
        let text = replace_pairs(plain, &[('\\', '\\', '\\')]);
        kept += text.len();
        built.push_str(&text_of(&text));
        plain.clear();
    };
    let mut scan = Scan::new(&text);
    let mut backslashes = 0_usize;
    while let Some(glyph) = scan.next() {
        if glyph.is != '$' || scan.peek() == Some('(') {
            plain.push(glyph);
            backslashes = if glyph.is == '\\' { backslashes + 1 } else { 0 };
            continue;
        }
        let escaped = std::mem::take(&mut backslashes) % 2 == 1;
        let start = scan.at;
        let braced = scan.take('{');
        let name = name(&mut scan);
        let default = default(&mut scan);
        let closed = scan.take('}');
        if escaped || name.is_empty() && default.is_none() && !closed {
            if escaped {
                plain.pop();
            }
            plain.push(glyph);
            plain.extend(&text[start..scan.at]);
            referring |= escaped;
            continue;
        }
        if braced && !closed {
            return Err(Fault::error(glyph.at, "this `${` is not closed", "close it, or write \\$ for a plain `$`"));
        }
        referring = true;
        flush(&mut plain, &mut built);
        if let Some(piece) = reference(name, default, glyph.at, file)? {
            built.piece(piece);
        } else if let Some((_, default)) = default {
            built.push_str(&text_of(default));
        }
        if closed && !braced {
            built.push('}');
        }
    }
    flush(&mut plain, &mut built);
    Ok((built.finish(), referring || kept != before))
}

type Default<'a> = Option<(char, &'a [Glyph])>;

fn default<'a>(scan: &mut Scan<'a>) -> Default<'a> {
    let how = scan.ahead(1).filter(|how| scan.peek() == Some(':') && matches!(how, '-' | '='))?;
    scan.at += 2;
    Some((how, scan.take_while(|character| character != '}')))
}

fn reference(name: &[Glyph], default: Default<'_>, spot: Spot, file: &mut File<'_>) -> Result<Option<Piece>, Fault> {
    let strange = default.and_then(|(_, text)| text.iter().find(|glyph| "'\"{$".contains(glyph.is)));
    if let Some(strange) = strange {
        let message = "a default holds a quote, a brace or a `$`, which Symfony refuses";
        return Err(Fault::error(strange.at, message, "give the key a value of its own"));
    }
    if name.is_empty() {
        return Ok(None);
    }
    let name = text_of(name);
    let piece = Piece::Reference {
        name: name.clone(),
        default: default.map(|(_, text)| Template::text(text_of(text))),
        or_empty: true,
        missing: Missing::Unknown,
        place: file.reading.place(spot),
    };
    let sets = default.is_some_and(|(how, _)| how == '=');
    if sets && !file.keys.contains(&name) {
        file.assign(name, Template(vec![piece.clone()]), spot);
    }
    Ok(Some(piece))
}

/// The text without backslashes before commands; an error when there is a command.
fn commands(text: &[Glyph]) -> Result<Vec<Glyph>, ()> {
    let closing = brackets(text);
    let mut done = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(glyph) = text.get(at) {
        let end = |dollar: usize| closing.get(dollar + 1).copied().flatten();
        let next_is_dollar = text.get(at + 1).is_some_and(|next| next.is == '$');
        if glyph.is == '\\'
            && next_is_dollar
            && let Some(end) = end(at + 1)
        {
            done.extend(&text[at + 1..end]);
            at = end;
            continue;
        }
        if glyph.is == '$' && end(at).is_some() {
            return Err(());
        }
        done.push(*glyph);
        at += 1;
    }
    Ok(done)
}
