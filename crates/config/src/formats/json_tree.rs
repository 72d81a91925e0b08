//! JSON, with comments or as JSON5 where the format says so, into a document with places.
//!
//! RFC 8259 and JSON5 1.0.0 (spec.json5.org). Places are of keys, so no library of the usual kind serves: they keep none.

use std::collections::HashMap;

use sternway_core::finding::Place;

use super::text::{DEEPEST, Fault, MOST_NODES, Reading, Spot};
use crate::document::{Node, NodeValue};
use crate::source::Template;

/// What is allowed beyond JSON, and what a program makes of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// `// ...` and `/* ... */`.
    pub(super) comments: bool,
    /// A comma after the last entry.
    pub(super) trailing_commas: bool,
    /// The rest of JSON5: names and `'...'` as keys, more numbers, escapes and spaces.
    pub(super) five: bool,
    /// What false and true are as text.
    pub(super) booleans: [&'static str; 2],
    /// Whether equal keys of an object are all kept: the caller speaks of them.
    pub(super) keep_equal_keys: bool,
}

impl Dialect {
    pub(super) const JSON: Self = Self {
        comments: false,
        trailing_commas: false,
        five: false,
        booleans: ["false", "true"],
        keep_equal_keys: false,
    };
}

/// Parses a document; what cannot be read is a fault.
pub(super) fn parse(text: &str, dialect: Dialect, reading: &mut Reading<'_>) -> Option<Node> {
    let mut parser = Parser { rest: text, spot: Spot::START, dialect, reading, depth: 0, nodes: 0 };
    let document = parser.document();
    match document {
        Ok(node) => Some(node),
        Err(fault) => {
            reading.fault(fault);
            None
        }
    }
}

struct Parser<'r, 't, 'a> {
    rest: &'t str,
    spot: Spot,
    dialect: Dialect,
    reading: &'r mut Reading<'a>,
    depth: usize,
    nodes: usize,
}

impl Parser<'_, '_, '_> {
    fn document(&mut self) -> Result<Node, Fault> {
        self.spaces()?;
        let node = self.value()?;
        self.spaces()?;
        if self.rest.is_empty() {
            return Ok(node);
        }
        Err(self.here("text follows the end of the document", "a file holds one value"))
    }

    fn here(&self, message: &'static str, hint: &'static str) -> Fault {
        Fault::error(self.spot, message, hint)
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.rest = &self.rest[next.len_utf8()..];
        self.spot = self.spot.after(next);
        Some(next)
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.next();
        }
        there
    }

    fn spaces(&mut self) -> Result<(), Fault> {
        loop {
            while self.peek().is_some_and(|character| self.is_space(character)) {
                self.next();
            }
            let comment = self.rest.starts_with("//") || self.rest.starts_with("/*");
            if !comment {
                return Ok(());
            }
            if !self.dialect.comments {
                return Err(self.here("JSON has no comments", "take it out"));
            }
            self.comment()?;
        }
    }

    fn is_space(&self, character: char) -> bool {
        let json = matches!(character, ' ' | '\t' | '\n' | '\r');
        json || self.dialect.five && (matches!(character, '\u{b}' | '\u{c}' | '\u{feff}') || character.is_whitespace())
    }

    fn comment(&mut self) -> Result<(), Fault> {
        let start = self.spot;
        self.next();
        if self.next() == Some('/') {
            while self.peek().is_some_and(|character| character != '\n') {
                self.next();
            }
            return Ok(());
        }
        while !self.rest.starts_with("*/") {
            if self.next().is_none() {
                return Err(Fault::error(start, "this comment is not closed", "close it with */"));
            }
        }
        self.next();
        self.next();
        Ok(())
    }

    fn value(&mut self) -> Result<Node, Fault> {
        let place = self.reading.place(self.spot);
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err(
                self.here("the document holds more than 500,000 values", "name a file that holds configuration")
            );
        }
        match self.peek() {
            Some('{') => self.nested(place, Self::object),
            Some('[') => self.nested(place, Self::list),
            Some('"') => Ok(Node::scalar(place, self.string()?)),
            Some('\'') if self.dialect.five => Ok(Node::scalar(place, self.string()?)),
            Some(_) => self.word(place),
            None => Err(self.here("the document ends where a value should be", "is a bracket or value missing?")),
        }
    }

    fn nested(&mut self, place: Place, read: fn(&mut Self) -> Result<NodeValue, Fault>) -> Result<Node, Fault> {
        if self.depth == DEEPEST {
            return Err(self.here("objects and lists go too deep into each other", "no more than 128 levels are read"));
        }
        self.depth += 1;
        self.next();
        let value = read(self)?;
        self.depth -= 1;
        Ok(Node { place, value })
    }

    /// After each entry: whether another one follows.
    fn more(&mut self, closing: char) -> Result<bool, Fault> {
        self.spaces()?;
        if self.take(closing) {
            return Ok(false);
        }
        if !self.take(',') {
            return Err(self.here("a comma or the closing bracket is missing here", "separate entries with commas"));
        }
        self.spaces()?;
        if self.peek() != Some(closing) {
            return Ok(true);
        }
        if !self.dialect.trailing_commas {
            return Err(self.here("a comma follows the last entry", "take it out"));
        }
        self.next();
        Ok(false)
    }

    fn list(&mut self) -> Result<NodeValue, Fault> {
        let mut items = Vec::new();
        self.spaces()?;
        if self.take(']') {
            return Ok(NodeValue::List(items));
        }
        loop {
            items.push(self.value()?);
            if !self.more(']')? {
                return Ok(NodeValue::List(items));
            }
        }
    }

    fn object(&mut self) -> Result<NodeValue, Fault> {
        let mut entries = Vec::new();
        self.spaces()?;
        let mut more = !self.take('}');
        while more {
            let place = self.reading.place(self.spot);
            let key = self.key()?;
            self.spaces()?;
            if !self.take(':') {
                return Err(self.here("the `:` after a key is missing here", "write \"key\": value"));
            }
            self.spaces()?;
            let node = self.value()?;
            entries.push((key, place, node));
            more = self.more('}')?;
        }
        if !self.dialect.keep_equal_keys {
            self.last_of_equal(&mut entries);
        }
        Ok(NodeValue::Map(entries))
    }

    /// Of equal keys the last stays, with a warning.
    fn last_of_equal(&mut self, entries: &mut Vec<(String, Place, Node)>) {
        let mut spots: HashMap<&str, Vec<Spot>> = HashMap::with_capacity(entries.len());
        for (key, place, _) in entries.iter() {
            spots.entry(key).or_default().push(Spot { line: place.line, column: place.column });
        }
        spots.retain(|_, spots| spots.len() > 1);
        let mut twice: Vec<(String, Vec<Spot>)> = spots.into_iter().map(|(key, all)| (key.to_owned(), all)).collect();
        twice.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        for (key, spots) in &twice {
            self.reading.twice(key, spots);
        }
        let last: HashMap<String, Spot> =
            twice.into_iter().filter_map(|(key, spots)| Some((key, *spots.last()?))).collect();
        entries.retain(|(key, place, _)| {
            last.get(key).is_none_or(|spot| (place.line, place.column) == (spot.line, spot.column))
        });
    }

    fn key(&mut self) -> Result<String, Fault> {
        match self.peek() {
            Some('"') => self.string(),
            Some('\'') if self.dialect.five => self.string(),
            Some(first) if self.dialect.five && (in_name(first) && !first.is_numeric() || first == '\\') => self.name(),
            _ => Err(self.here("a key should stand here", "write it in double quotes: \"key\": value")),
        }
    }

    /// A name of JSON5.
    fn name(&mut self) -> Result<String, Fault> {
        let mut name = String::new();
        loop {
            if self.take('\\') {
                if !self.take('u') {
                    return Err(self.here("this escape is not one of a name", "write the key in quotes"));
                }
                name.push(self.unicode_escape()?);
            } else if let Some(next) = self.peek().filter(|next| in_name(*next)) {
                name.push(next);
                self.next();
            } else {
                return Ok(name);
            }
        }
    }

    fn string(&mut self) -> Result<String, Fault> {
        let start = self.spot;
        let quote = self.next();
        let mut text = String::new();
        loop {
            let spot = self.spot;
            match self.next() {
                next if next == quote && next.is_some() => return Ok(text),
                None => return Err(Fault::error(start, "this string is not closed", "close it with the same quote")),
                Some('\\') => self.escape(&mut text)?,
                Some(next) if next < ' ' && (!self.dialect.five || matches!(next, '\n' | '\r')) => {
                    let hint = "write \\n for a new line, \\t for a tab";
                    return Err(Fault::error(spot, "a string holds a control character or is not closed", hint));
                }
                Some(next) => text.push(next),
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Result<(), Fault> {
        let wrong = self.here("this escape is not known", "write \\\\ for a backslash");
        let Some(next) = self.next() else { return Err(wrong) };
        let five = self.dialect.five;
        match next {
            '"' | '\\' | '/' => text.push(next),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'u' => text.push(self.unicode_escape()?),
            'v' if five => text.push('\u{b}'),
            '0' if five && !self.peek().is_some_and(|after| after.is_ascii_digit()) => text.push('\0'),
            'x' if five => {
                let code = self.hex(2)?;
                text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            '\r' if five => {
                self.take('\n');
            }
            '\n' | '\u{2028}' | '\u{2029}' if five => {}
            other if five && !other.is_ascii_digit() => text.push(other),
            _ => return Err(wrong),
        }
        Ok(())
    }

    /// After `\u`: a character, which may take a second escape.
    fn unicode_escape(&mut self) -> Result<char, Fault> {
        let half = self.here("this escape is half of a character", "write both halves, or the character itself");
        let first = self.hex(4)?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or(half);
        }
        if !self.rest.starts_with("\\u") {
            return Err(half);
        }
        self.next();
        self.next();
        let second = self.hex(4)?;
        let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400);
        low.and_then(|low| char::from_u32(0x10000 + ((first - 0xd800) << 10) + low)).ok_or(half)
    }

    fn hex(&mut self, digits: usize) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..digits {
            let Some(digit) = self.peek().and_then(|digit| digit.to_digit(16)) else {
                return Err(self.here("this escape needs more hexadecimal digits", "write \\u and four of them"));
            };
            code = code * 16 + digit;
            self.next();
        }
        Ok(code)
    }

    /// A number, true, false or null.
    fn word(&mut self, place: Place) -> Result<Node, Fault> {
        let wrong = self.here("no value can begin here, or this is none", "put text in double quotes");
        let of_word = |character: char| character.is_ascii_alphanumeric() || "+-._$".contains(character);
        let length = self.rest.find(|character| !of_word(character)).unwrap_or(self.rest.len());
        let word = &self.rest[..length];
        let value = match word {
            "" => return Err(wrong),
            "true" => self.dialect.booleans[1].to_owned(),
            "false" => self.dialect.booleans[0].to_owned(),
            "null" => String::new(),
            number if is_number(number) => number.to_owned(),
            number if self.dialect.five => number_of_five(number).ok_or(wrong)?,
            _ => return Err(wrong),
        };
        for _ in 0..length {
            self.next();
        }
        Ok(Node { place, value: NodeValue::Scalar(Template::text(value)) })
    }
}

fn in_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$' | '\u{200c}' | '\u{200d}')
}

/// A number of JSON.
fn is_number(word: &str) -> bool {
    let word = word.strip_prefix('-').unwrap_or(word);
    let (whole, rest) = digits(word);
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if whole.is_empty() || leading_zero {
        return false;
    }
    let (fraction_fits, rest) = match rest.strip_prefix('.').map(digits) {
        Some((fraction, rest)) => (!fraction.is_empty(), rest),
        None => (true, rest),
    };
    fraction_fits && is_exponent(rest)
}

fn is_exponent(rest: &str) -> bool {
    let Some(exponent) = rest.strip_prefix(['e', 'E']) else { return rest.is_empty() };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (exponent, rest) = digits(exponent);
    !exponent.is_empty() && rest.is_empty()
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len()))
}

/// A number that only JSON5 knows, written as JSON would where that is possible.
fn number_of_five(word: &str) -> Option<String> {
    let (sign, size) = match word.strip_prefix(['+', '-']) {
        Some(size) => (if word.starts_with('-') { "-" } else { "" }, size),
        None => ("", word),
    };
    if matches!(size, "Infinity" | "NaN") {
        return Some(format!("{sign}{size}"));
    }
    if let Some(hex) = size.strip_prefix("0x").or(size.strip_prefix("0X")) {
        if hex.is_empty() || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let decimal = u128::from_str_radix(hex, 16).map_or_else(|_| size.to_owned(), |number| number.to_string());
        return Some(format!("{sign}{decimal}"));
    }
    let (whole, rest) = digits(size);
    let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), digits);
    let zero = whole.len() > 1 && whole.starts_with('0');
    if whole.is_empty() && fraction.is_empty() || zero || !is_exponent(rest) {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{dot}{fraction}{rest}"))
}
