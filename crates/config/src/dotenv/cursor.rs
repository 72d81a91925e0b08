//! A place in a text that moves forward.

use sternway_core::finding::Place;

/// A place in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    file: &'a str,
    rest: &'a str,
    line: u32,
    column: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, rest: text, line: 1, column: 1 }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        self.rest.starts_with(text)
    }

    /// Whether a line ends here.
    pub(super) fn at_line_end(&self) -> bool {
        self.rest.is_empty() || self.starts_with("\n") || self.starts_with("\r\n")
    }

    /// The next character; CRLF counts as LF.
    pub(super) fn next(&mut self) -> Option<char> {
        if self.starts_with("\r\n") {
            self.rest = &self.rest[1..];
        }
        let next = self.peek()?;
        self.rest = &self.rest[next.len_utf8()..];
        if next == '\n' {
            self.line = self.line.saturating_add(1);
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
        }
        Some(next)
    }

    /// Takes a character if it is next.
    pub(super) fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.next();
        }
        there
    }

    /// Takes all characters that fit, up to the line's end.
    pub(super) fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let start = self.rest;
        while !self.at_line_end() && self.peek().is_some_and(&fits) {
            self.next();
        }
        &start[..start.len() - self.rest.len()]
    }

    pub(super) fn skip_spaces(&mut self) {
        self.take_while(is_space);
    }

    /// Moves to the start of the next line; false at the text's end.
    pub(super) fn next_line(&mut self) -> bool {
        self.take_while(|_| true);
        self.next().is_some()
    }

    pub(super) fn place(&self) -> Place {
        Place { file: self.file.to_owned(), line: self.line, column: self.column }
    }
}

/// A space within a line.
pub(super) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\x0b' | '\x0c')
}
