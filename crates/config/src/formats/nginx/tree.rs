//! nginx configuration as a tree (nginx 1.22, `ngx_conf_file.c`).

use sternway_core::finding::{Finding, Place};

use crate::formats::glyphs::{Glyph, Newlines, Scan, glyphs, text_of};
use crate::formats::include::{DEEPEST, Includes};
use crate::formats::text::{Encoding, Fault, Reading, Spot, decode};
use crate::source::Input;

/// A directive, of a file.
pub(super) struct Directive {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) words: Vec<Vec<Glyph>>,
    pub(super) block: Vec<Self>,
}

/// Blocks are no deeper than this.
const DEEPEST_BLOCK: usize = 64;

/// Where nginx keeps its configuration.
const HOMES: &[&str] = &["etc/nginx/"];

/// Files that come with nginx, and only hold what requests make.
const SHIPPED: &[&str] = &[
    "fastcgi_params",
    "fastcgi.conf",
    "uwsgi_params",
    "scgi_params",
    "proxy_params",
    "mime.types",
    "snippets/fastcgi-php.conf",
];

/// A configuration, with what it includes.
pub(super) fn read(input: &Input<'_>, findings: &mut Vec<Finding>) -> Vec<Directive> {
    let mut parser = Parser { includes: Includes::new(input, HOMES), findings };
    parser.file(input.bytes, input.file, 0)
}

struct Parser<'a, 'f> {
    includes: Includes<'a>,
    findings: &'f mut Vec<Finding>,
}

impl Parser<'_, '_> {
    fn file(&mut self, bytes: &[u8], file: &str, depth: usize) -> Vec<Directive> {
        let mut reading = Reading::new(file);
        let text = decode(bytes, Encoding::Utf8, &mut reading);
        let all = text.map(|text| glyphs(&text, Newlines::Raw)).unwrap_or_default();
        let mut scan = Scan::new(&all);
        // The innermost level is the last.
        let mut levels: Vec<(Option<Directive>, Vec<Directive>)> = vec![(None, Vec::new())];
        loop {
            match self.directive(&mut scan, &mut reading, &mut levels, depth) {
                Ok(true) => {}
                Ok(false) => break,
                Err(fault) => {
                    reading.fault(fault);
                    break;
                }
            }
        }
        self.findings.extend(reading.finish_as_is().findings);
        while levels.len() > 1 {
            close(&mut levels);
        }
        levels.pop().map(|(_, directives)| directives).unwrap_or_default()
    }

    /// Reads up to the next `;`, `{` or `}`. Says whether there is more.
    fn directive(
        &mut self,
        scan: &mut Scan<'_>,
        reading: &mut Reading<'_>,
        levels: &mut Vec<(Option<Directive>, Vec<Directive>)>,
        depth: usize,
    ) -> Result<bool, Fault> {
        let mut words: Vec<(Spot, Vec<Glyph>)> = Vec::new();
        let (at, end) = loop {
            match token(scan)? {
                (spot, Token::Word(word)) => words.push((spot, word)),
                (spot, other) => break (spot, other),
            }
        };
        let level = levels.len();
        let mut words = words.into_iter();
        let directive = words.next().map(|(spot, name)| Directive {
            name: text_of(&name),
            place: reading.place(spot),
            words: words.map(|(_, word)| word).collect(),
            block: Vec::new(),
        });
        match (end, directive) {
            (Token::Semicolon, Some(directive)) if directive.name == "include" => {
                let included = self.include(&directive, reading, depth);
                levels[level - 1].1.extend(included);
            }
            (Token::Semicolon, Some(directive)) => levels[level - 1].1.push(directive),
            (Token::Open, Some(directive)) => {
                if level > DEEPEST_BLOCK {
                    return Err(Fault::error(
                        at,
                        "blocks go too deep into each other",
                        "no more than 64 levels are read",
                    ));
                }
                if directive.name.ends_with("_by_lua_block") {
                    skip_braces(scan);
                } else {
                    levels.push((Some(directive), Vec::new()));
                }
            }
            (Token::Close, None) if level > 1 => close(levels),
            (Token::End, None) if level == 1 => return Ok(false),
            (Token::End, None) => {
                return Err(Fault::error(at, "a block is not closed before the file ends", "write `}`"));
            }
            (Token::Close | Token::End, _) => {
                return Err(Fault::error(at, "no `;` ends the line before this, or no block is open", "write `;`"));
            }
            _ => return Err(Fault::error(at, "no directive stands before this", "write `name value;`")),
        }
        Ok(true)
    }

    fn include(&mut self, directive: &Directive, reading: &mut Reading<'_>, depth: usize) -> Vec<Directive> {
        let spot = Spot { line: directive.place.line, column: directive.place.column };
        let path = directive.words.first().map(|word| text_of(word)).unwrap_or_default();
        if depth == DEEPEST {
            reading.fault(Fault::error(spot, "files include each other, or too deep", "take one `include` away"));
            return Vec::new();
        }
        let found = self.includes.open(&path);
        if found.is_empty() && !path.contains(['*', '?', '[']) {
            let hint = "keep it beside this file, or in the folder above, to have it read";
            let fault = if SHIPPED.iter().any(|name| path.ends_with(name)) {
                Fault::note(spot, "the file that is included is not here; it comes with nginx", hint)
            } else {
                Fault::warning(spot, "the file that is included is not here: what it sets is unknown", hint)
            };
            reading.fault(fault);
        }
        found.into_iter().flat_map(|(path, bytes)| self.file(&bytes, &path, depth + 1)).collect()
    }
}

fn close(levels: &mut Vec<(Option<Directive>, Vec<Directive>)>) {
    if let Some((Some(mut directive), block)) = levels.pop() {
        directive.block = block;
        if let Some(outer) = levels.last_mut() {
            outer.1.push(directive);
        }
    }
}

fn skip_braces(scan: &mut Scan<'_>) {
    let mut open = 1_usize;
    while let Some(glyph) = scan.next() {
        match glyph.is {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return;
        }
    }
}

enum Token {
    Word(Vec<Glyph>),
    Semicolon,
    Open,
    Close,
    End,
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn token(scan: &mut Scan<'_>) -> Result<(Spot, Token), Fault> {
    loop {
        scan.take_while(is_space);
        if scan.peek() != Some('#') {
            break;
        }
        scan.rest_of_line();
    }
    let spot = scan.spot();
    let token = match scan.peek() {
        None => Token::End,
        Some(';') => Token::Semicolon,
        Some('{') => Token::Open,
        Some('}') => Token::Close,
        Some(quote @ ('"' | '\'')) => return Ok((spot, Token::Word(quoted(scan, quote)?))),
        Some(_) => return Ok((spot, Token::Word(word(scan)))),
    };
    scan.next();
    Ok((spot, token))
}

/// A word ends at a space, a `;`, or a `{` that no `$` stands before.
fn word(scan: &mut Scan<'_>) -> Vec<Glyph> {
    let mut word: Vec<Glyph> = Vec::new();
    while let Some(next) = scan.peek() {
        let variable = word.last().is_some_and(|last| last.is == '$');
        if is_space(next) || next == ';' || next == '{' && !variable {
            break;
        }
        word.extend(character(scan));
    }
    word
}

fn quoted(scan: &mut Scan<'_>, quote: char) -> Result<Vec<Glyph>, Fault> {
    let start = scan.spot();
    scan.next();
    let mut word = Vec::new();
    loop {
        match scan.peek() {
            None => return Err(Fault::error(start, "this quote is not closed", "close it, or write \\\" for a quote")),
            Some(next) if next == quote => break,
            Some(_) => word.extend(character(scan)),
        }
    }
    scan.next();
    scan.take(')');
    if scan.peek().is_none_or(|next| is_space(next) || matches!(next, ';' | '{')) {
        return Ok(word);
    }
    let message = "something follows this quote at once: nginx refuses it";
    Err(Fault::error(scan.spot(), message, "put all of the value in quotes"))
}

/// A character, or an escape: before quotes and backslashes the backslash goes; `\t`, `\r` and `\n` are what C says; others stay.
fn character(scan: &mut Scan<'_>) -> impl Iterator<Item = Glyph> + use<> {
    let first = scan.next();
    let next = scan.peek().filter(|_| first.is_some_and(|first| first.is == '\\'));
    let escaped = match next {
        Some(same @ ('"' | '\'' | '\\')) => Some(same),
        Some('t') => Some('\t'),
        Some('r') => Some('\r'),
        Some('n') => Some('\n'),
        _ => None,
    };
    let (first, second) = match (escaped, next) {
        (Some(is), _) => {
            scan.next();
            (first.map(|glyph| Glyph { is, ..glyph }), None)
        }
        // What follows a backslash ends nothing.
        (None, Some(_)) => (first, scan.next()),
        (None, None) => (first, None),
    };
    first.into_iter().chain(second)
}
