//! php.ini, .user.ini and other files that PHP's own scanner of INI files reads.
//!
//! The rules are those of `Zend/zend_ini_scanner.l` and `zend_ini_parser.y` of PHP 8.2 in its normal mode, tried out with
//! `parse_ini_string` of 8.2.
//!
//! - `true`, `on`, `yes` are `1`; `false`, `off`, `no`, `none`, `null` are empty; both in any case, without quotes, alone.
//! - `;` begins a comment outside of quotes. In `"..."`, `\"`, `\\` and `\$` are escapes; `'...'` is taken as it is. Quoted and plain pieces
//!   stand behind each other, and spaces around the quotes are dropped.
//! - `${NAME}` outside of `'...'` is another setting or a variable of the environment.
//! - `|`, `&`, `^`, `~`, `!` and brackets compute with numbers, all of the same precedence. The `E_...` constants have the values of PHP
//!   8.0 to 8.3 (8.4 leaves E_STRICT out of E_ALL); other constants of PHP are unknown.
//! - `key[] = ...` and `key[name] = ...` are lists and maps: `key.0`, `key.name`.
//! - Sections mean nothing to PHP, but for `[PATH=...]` and `[HOST=...]`: keys there are `[PATH=/srv/www].memory_limit`.

use std::collections::HashMap;

use super::glyphs::{Glyph, Newlines, Scan, glyphs, text_of, trim};
use super::text::{Builder, Encoding, Fault, Reading, Spot, decode};
use crate::source::{Input, Missing, Piece, Read, Template};

/// Reads a php.ini.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = decode(input.bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    let all = glyphs(&text, Newlines::Any);
    let mut file = File { reading, section: String::new(), counts: HashMap::new() };
    let mut scan = Scan::new(&all);
    while scan.at < all.len() && !file.reading.is_full() {
        let start = scan;
        if let Err(fault) = file.line(&mut scan) {
            file.reading.fault(fault);
            file.reading.read_again(scan.at - start.at, all.len());
            scan = start;
        }
        scan.rest_of_line();
        scan.next();
    }
    file.reading.finish()
}

struct File<'a> {
    reading: Reading<'a>,
    /// Empty, or `[PATH=...].`.
    section: String,
    /// How many entries each list has so far.
    counts: HashMap<String, usize>,
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

const QUOTE_IT: &str = "put the value in double quotes";

impl File<'_> {
    fn line(&mut self, scan: &mut Scan<'_>) -> Result<(), Fault> {
        scan.take_while(is_space);
        match scan.peek() {
            None | Some('\n' | ';') => Ok(()),
            Some('[') => self.section(scan),
            Some(_) => self.setting(scan),
        }
    }

    fn section(&mut self, scan: &mut Scan<'_>) -> Result<(), Fault> {
        let start = scan.spot();
        scan.next();
        let name = scan.take_while(|character| !matches!(character, ']' | '\n' | ';'));
        if !scan.take(']') {
            return Err(Fault::error(start, "this section's `]` is missing", "close it"));
        }
        let name = text_of(trim(name, |character| is_space(character) || matches!(character, '"' | '\'')));
        let kind = name.get(..5).unwrap_or_default();
        let conditional = kind.eq_ignore_ascii_case("PATH=") || kind.eq_ignore_ascii_case("HOST=");
        self.section =
            if conditional { format!("[{}{}].", kind.to_ascii_uppercase(), &name[5..]) } else { String::new() };
        scan.take_while(is_space);
        // PHP reads a setting behind it, too.
        if scan.at_line_end() || scan.peek() == Some(';') { Ok(()) } else { self.setting(scan) }
    }

    fn setting(&mut self, scan: &mut Scan<'_>) -> Result<(), Fault> {
        let start = scan.spot();
        let key = scan.take_while(|character| !matches!(character, '=' | '[' | '\n' | ';'));
        let key = trim(key, is_space);
        if let Some(strange) = key.iter().find(|glyph| "{}|&~!()^\"$".contains(glyph.is)) {
            return Err(Fault::error(strange.at, "this character cannot stand in a key", "take it out"));
        }
        let mut name = text_of(key);
        if truth(&name).is_some() {
            return Err(Fault::error(start, "this word has a meaning of its own and cannot be a key", "rename it"));
        }
        let index = if scan.peek() == Some('[') { Some(Self::index(scan)?) } else { None };
        if !scan.take('=') {
            if index.is_some() || name.is_empty() {
                return Err(Fault::error(scan.spot(), "a `=` is missing here", "write key = value"));
            }
            if !name.starts_with('#') {
                let message = "a key without `=` sets nothing";
                self.reading.fault(Fault::note(start, message, "write key = value, or take it out"));
            }
            return Ok(());
        }
        if name.is_empty() {
            return Err(Fault::error(start, "no key stands before this `=`", "write key = value"));
        }
        if name.starts_with('#') {
            let message = "`#` begins no comment here";
            self.reading.fault(Fault::warning(start, message, "begin comments with `;`"));
        }
        let value = Value::read(scan, &self.reading)?;
        // These two may be given several times, and add up.
        let list = matches!(name.as_str(), "extension" | "zend_extension");
        let index = index.or_else(|| list.then(String::new));
        if let Some(index) = index {
            let count = self.counts.entry(name.clone()).or_default();
            name = if index.is_empty() { format!("{name}.{count}") } else { format!("{name}.{index}") };
            *count += 1;
        }
        self.reading.assign(format!("{}{name}", self.section), value, start);
        Ok(())
    }

    fn index(scan: &mut Scan<'_>) -> Result<String, Fault> {
        let start = scan.spot();
        scan.next();
        let index = scan.take_while(|character| !matches!(character, ']' | '\n'));
        if !scan.take(']') {
            return Err(Fault::error(start, "this `[` is not closed", "write key[] or key[name]"));
        }
        if index.iter().any(|glyph| glyph.is == '$') {
            return Err(Fault::error(start, "a reference within a key is not read", "write the name out"));
        }
        scan.take_while(is_space);
        Ok(text_of(trim(index, |character| is_space(character) || matches!(character, '"' | '\''))))
    }
}

/// What words of the scanner stand for.
fn truth(word: &str) -> Option<&'static str> {
    let among = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    if among(&["true", "on", "yes"]) {
        Some("1")
    } else if among(&["false", "off", "no", "none", "null"]) {
        Some("")
    } else {
        None
    }
}

/// A piece of a value.
#[derive(Debug)]
enum Token {
    /// Spaces between plain pieces.
    Space(String),
    /// In double quotes.
    Quoted(Template),
    /// In single quotes: spaces around them count.
    Raw(String),
    /// Plain text.
    Word(String, Spot),
    Reference(Piece),
    Operator(char, Spot),
}

struct Value<'r, 'a> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    reading: &'r Reading<'a>,
    start: Spot,
    depth: usize,
}

/// What part of an expression is.
enum Operand {
    Text(Template),
    Number(i64),
}

impl Value<'_, '_> {
    fn read(scan: &mut Scan<'_>, reading: &Reading<'_>) -> Result<Template, Fault> {
        scan.take_while(is_space);
        let start = scan.spot();
        let tokens = tokens(scan, reading)?;
        if let [Token::Word(word, _)] = tokens.as_slice()
            && let Some(text) = truth(word)
        {
            return Ok(Template::text(text));
        }
        let is_truth = |token: &&Token| matches!(token, Token::Word(word, _) if truth(word).is_some());
        if let Some(Token::Word(_, spot)) = tokens.iter().find(is_truth) {
            return Err(Fault::error(*spot, "a word such as on, off or null stands among others here", QUOTE_IT));
        }
        if tokens.is_empty() {
            return Ok(Template::text(""));
        }
        let mut value = Value { tokens: tokens.into_iter().peekable(), reading, start, depth: 0 };
        let operand = value.expression()?;
        match value.tokens.next() {
            None => Ok(operand.template()),
            Some(Token::Operator(_, spot)) => Err(wrong_operator(spot)),
            Some(_) => Err(wrong_operator(start)),
        }
    }

    /// Operators have one precedence, and group to the left.
    fn expression(&mut self) -> Result<Operand, Fault> {
        let mut left = self.operand()?;
        while let Some(operator) = self.operator("|&^") {
            let right = self.operand()?;
            left = match (left.number(), right.number()) {
                (Some(left), Some(right)) => Operand::Number(match operator {
                    '|' => left | right,
                    '&' => left & right,
                    _ => left ^ right,
                }),
                _ => self.unknown(),
            };
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Operand, Fault> {
        self.depth += 1;
        if self.depth > 64 {
            return Err(Fault::error(self.start, "brackets go too deep into each other", "write the number"));
        }
        let operand = self.nested();
        self.depth -= 1;
        operand
    }

    fn nested(&mut self) -> Result<Operand, Fault> {
        self.skip_space();
        if let Some(operator) = self.operator("~!(") {
            if operator == '(' {
                let inner = self.expression()?;
                return match self.operator(")") {
                    Some(_) => Ok(inner),
                    None => Err(Fault::error(self.start, "a bracket is not closed", QUOTE_IT)),
                };
            }
            let number = self.operand()?.number();
            return Ok(match (operator, number) {
                ('~', Some(number)) => Operand::Number(!number),
                (_, Some(number)) => Operand::Number(i64::from(number == 0)),
                (_, None) => self.unknown(),
            });
        }
        self.text()
    }

    /// Pieces behind each other.
    fn text(&mut self) -> Result<Operand, Fault> {
        let mut text = Builder::default();
        let mut any = false;
        let mut after_quote = false;
        while let Some(token) = self.tokens.next_if(|token| !matches!(token, Token::Operator(..))) {
            let quoted = matches!(token, Token::Quoted(_));
            match token {
                Token::Space(spaces) => {
                    let kept = any && !after_quote;
                    if kept && matches!(self.tokens.peek(), Some(Token::Word(..) | Token::Raw(_) | Token::Reference(_)))
                    {
                        text.push_str(&spaces);
                    }
                    continue;
                }
                Token::Quoted(template) => text.extend(template),
                Token::Raw(raw) => text.push_str(&raw),
                Token::Reference(piece) => text.piece(piece),
                Token::Word(word, spot) => match constant(&word) {
                    Constant::Number(number) => text.push_str(&number.to_string()),
                    Constant::Unknown => {
                        let why = "a constant that depends on the PHP that runs".to_owned();
                        text.piece(Piece::Unknown { why, place: self.reading.place(spot) });
                    }
                    Constant::None => text.push_str(&word),
                },
                Token::Operator(..) => {}
            }
            any = true;
            after_quote = quoted;
        }
        if any {
            return Ok(Operand::Text(text.finish()));
        }
        match self.tokens.peek() {
            Some(Token::Operator(_, spot)) => Err(wrong_operator(*spot)),
            _ => Err(wrong_operator(self.start)),
        }
    }

    fn operator(&mut self, among: &str) -> Option<char> {
        self.skip_space();
        match self.tokens.next_if(|token| matches!(token, Token::Operator(is, _) if among.contains(*is))) {
            Some(Token::Operator(operator, _)) => Some(operator),
            _ => None,
        }
    }

    fn skip_space(&mut self) {
        self.tokens.next_if(|token| matches!(token, Token::Space(_)));
    }

    fn unknown(&self) -> Operand {
        let why = "it is computed with what is not known here";
        Operand::Text(Template::unknown(why, self.reading.place(self.start)))
    }
}

impl Operand {
    fn template(self) -> Template {
        match self {
            Self::Text(template) => template,
            Self::Number(number) => Template::text(number.to_string()),
        }
    }

    /// As C's `atoi` reads it.
    fn number(&self) -> Option<i64> {
        let text = match self {
            Self::Number(number) => return Some(*number),
            Self::Text(template) => template.plain()?,
        };
        let text = text.trim_start();
        let (sign, digits) = match text.strip_prefix(['-', '+']) {
            Some(digits) => (if text.starts_with('-') { -1 } else { 1 }, digits),
            None => (1, text),
        };
        let digits = &digits[..digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len())];
        Some(if digits.is_empty() { 0 } else { digits.parse::<i64>().unwrap_or(i64::MAX).saturating_mul(sign) })
    }
}

fn wrong_operator(spot: Spot) -> Fault {
    Fault::error(spot, "an operator without what it works on, or a character that needs quotes", QUOTE_IT)
}

/// What a word names.
enum Constant {
    Number(i64),
    /// Its value depends on the PHP that runs.
    Unknown,
    /// It is text.
    None,
}

fn constant(word: &str) -> Constant {
    let number = match word {
        "E_ERROR" => 1,
        "E_WARNING" => 2,
        "E_PARSE" => 4,
        "E_NOTICE" => 8,
        "E_CORE_ERROR" => 16,
        "E_CORE_WARNING" => 32,
        "E_COMPILE_ERROR" => 64,
        "E_COMPILE_WARNING" => 128,
        "E_USER_ERROR" => 256,
        "E_USER_WARNING" => 512,
        "E_USER_NOTICE" => 1024,
        "E_STRICT" => 2048,
        "E_RECOVERABLE_ERROR" => 4096,
        "E_DEPRECATED" => 8192,
        "E_USER_DEPRECATED" => 16384,
        "E_ALL" => 32767,
        "DIRECTORY_SEPARATOR" | "PATH_SEPARATOR" | "M_PI" | "M_E" => return Constant::Unknown,
        _ => {
            let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
            let of_php = word.starts_with("PHP_") && word.bytes().all(upper);
            return if of_php { Constant::Unknown } else { Constant::None };
        }
    };
    Constant::Number(number)
}

/// The pieces of a value, up to its line's end or a comment.
fn tokens(scan: &mut Scan<'_>, reading: &Reading<'_>) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    loop {
        let spot = scan.spot();
        match scan.peek() {
            None | Some('\n' | ';') => break,
            Some('=') => return Err(Fault::error(spot, "a `=` stands in a value without quotes", QUOTE_IT)),
            Some('"') => tokens.push(Token::Quoted(double(scan, reading)?)),
            Some('\'') => {
                scan.next();
                let text = text_of(scan.take_while(|character| character != '\''));
                if !scan.take('\'') {
                    return Err(unclosed(spot));
                }
                tokens.push(Token::Raw(text));
            }
            Some('$') if matches!(scan.ahead(1), None | Some('\n')) => {
                return Err(Fault::error(spot, "a `$` ends a value without quotes", QUOTE_IT));
            }
            Some('$') if scan.ahead(1) == Some('{') => tokens.push(Token::Reference(reference(scan, reading)?)),
            Some(operator @ ('|' | '&' | '^' | '~' | '!' | '(' | ')')) => {
                scan.next();
                tokens.push(Token::Operator(operator, spot));
            }
            Some(space) if is_space(space) => tokens.push(Token::Space(text_of(scan.take_while(is_space)))),
            Some(_) => tokens.push(Token::Word(word(scan), spot)),
        }
    }
    if matches!(tokens.last(), Some(Token::Space(_))) {
        tokens.pop();
    }
    Ok(tokens)
}

fn word(scan: &mut Scan<'_>) -> String {
    let mut word = String::new();
    while let Some(next) = scan.peek() {
        let ends = matches!(next, '\n' | ' ' | '\t' | ';' | '=' | '"' | '\'' | '|' | '&' | '^' | '~' | '!' | '(' | ')');
        let dollar = next == '$';
        if ends || dollar && matches!(scan.ahead(1), None | Some('{' | '\n')) {
            break;
        }
        word.push(next);
        scan.next();
        // A `$` takes the character behind it along, whatever that is, and of a backslash also what it escapes.
        let taken = if scan.peek() == Some('\\') { 2 } else { 1 };
        for _ in 0..if dollar { taken } else { 0 } {
            if let Some(next) = scan.peek().filter(|next| *next != '\n') {
                word.push(next);
                scan.next();
            }
        }
    }
    word
}

fn double(scan: &mut Scan<'_>, reading: &Reading<'_>) -> Result<Template, Fault> {
    let start = scan.spot();
    scan.next();
    let mut value = Builder::default();
    loop {
        match (scan.peek(), scan.ahead(1)) {
            (None, _) => return Err(unclosed(start)),
            (Some('"'), _) => {
                scan.next();
                return Ok(value.finish());
            }
            // A backslash before the quote that ends the line is a backslash: `"C:\php\"`.
            (Some('\\'), Some('"')) if matches!(scan.ahead(2), None | Some('\n')) => {
                scan.next();
                value.push('\\');
            }
            (Some('\\'), Some(escaped @ ('"' | '\\' | '$'))) => {
                scan.at += 2;
                value.push(escaped);
            }
            (Some('$'), Some('{')) => value.piece(reference(scan, reading)?),
            (Some(next), _) => {
                scan.next();
                value.push(next);
            }
        }
    }
}

fn reference(scan: &mut Scan<'_>, reading: &Reading<'_>) -> Result<Piece, Fault> {
    let spot = scan.spot();
    scan.at += 2;
    let name: &[Glyph] = scan.take_while(|character| !matches!(character, '}' | '\n' | '"'));
    if name.is_empty() || !scan.take('}') {
        return Err(Fault::error(spot, "this `${` is not closed, or names nothing", "write ${NAME}"));
    }
    let place = reading.place(spot);
    // `${NAME:-default}` is read by PHP from 8.3 on; before, it names a variable that nobody has.
    let name = text_of(name);
    let (name, default) = match name.split_once(":-") {
        Some((name, default)) => (name.to_owned(), Some(Template::text(default))),
        None => (name, None),
    };
    Ok(Piece::Reference { name, default, or_empty: true, missing: Missing::Unknown, place })
}

fn unclosed(spot: Spot) -> Fault {
    Fault::error(spot, "this quote is not closed", "close it, or write \\\" for a quote inside of double quotes")
}
