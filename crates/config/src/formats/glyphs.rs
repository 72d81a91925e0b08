//! Text as a list of characters with their places, for formats that change a value in several passes before they look for references
//! in it: each character keeps its place through all of them.

use super::text::Spot;

/// A character and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) is: char,
    pub(super) at: Spot,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Newlines {
    /// LF alone.
    Raw,
    /// LF, CRLF and CR; each becomes LF.
    Any,
}

/// A text's characters.
pub(super) fn glyphs(text: &str, newlines: Newlines) -> Vec<Glyph> {
    let mut all = Vec::with_capacity(text.len());
    let mut spot = Spot::START;
    let mut rest = text.chars().peekable();
    while let Some(mut is) = rest.next() {
        if newlines == Newlines::Any && is == '\r' {
            rest.next_if_eq(&'\n');
            is = '\n';
        }
        all.push(Glyph { is, at: spot });
        spot = spot.after(is);
    }
    all
}

/// Their text.
pub(super) fn text_of(glyphs: &[Glyph]) -> String {
    glyphs.iter().map(|glyph| glyph.is).collect()
}

/// Without what fits at either end.
pub(super) fn trim(mut glyphs: &[Glyph], fits: impl Fn(char) -> bool) -> &[Glyph] {
    while let [first, rest @ ..] = glyphs
        && fits(first.is)
    {
        glyphs = rest;
    }
    trim_end(glyphs, fits)
}

/// Without what fits at the end.
pub(super) fn trim_end(mut glyphs: &[Glyph], fits: impl Fn(char) -> bool) -> &[Glyph] {
    while let [rest @ .., last] = glyphs
        && fits(last.is)
    {
        glyphs = rest;
    }
    glyphs
}

/// Each occurrence of two characters as one, from left to right.
pub(super) fn replace_pairs(glyphs: &[Glyph], pairs: &[(char, char, char)]) -> Vec<Glyph> {
    let mut done = Vec::with_capacity(glyphs.len());
    let mut rest = glyphs;
    while let [first, after @ ..] = rest {
        let found =
            after.first().and_then(|second| pairs.iter().find(|pair| (pair.0, pair.1) == (first.is, second.is)));
        if let Some(pair) = found {
            done.push(Glyph { is: pair.2, at: first.at });
            rest = &after[1..];
        } else {
            done.push(*first);
            rest = after;
        }
    }
    done
}

/// A place in a list of characters that moves forward.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'a> {
    pub(super) all: &'a [Glyph],
    pub(super) at: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(all: &'a [Glyph]) -> Self {
        Self { all, at: 0 }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.ahead(0)
    }

    /// The character so many further on.
    pub(super) fn ahead(&self, by: usize) -> Option<char> {
        self.all.get(self.at + by).map(|glyph| glyph.is)
    }

    pub(super) fn next(&mut self) -> Option<Glyph> {
        let glyph = self.all.get(self.at).copied()?;
        self.at += 1;
        Some(glyph)
    }

    pub(super) fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        self.at += usize::from(there);
        there
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, character)| self.ahead(index) == Some(character))
    }

    pub(super) fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a [Glyph] {
        let start = self.at;
        while self.peek().is_some_and(&fits) {
            self.at += 1;
        }
        &self.all[start..self.at]
    }

    /// Everything up to the end of the line, which is not taken.
    pub(super) fn rest_of_line(&mut self) -> &'a [Glyph] {
        self.take_while(|character| character != '\n')
    }

    /// Whether a line ends here.
    pub(super) fn at_line_end(&self) -> bool {
        matches!(self.peek(), None | Some('\n'))
    }

    /// Where this is; at the end, where the next character would be.
    pub(super) fn spot(&self) -> Spot {
        match (self.all.get(self.at), self.all.last()) {
            (Some(glyph), _) => glyph.at,
            (None, Some(last)) => last.at.after(last.is),
            (None, None) => Spot::START,
        }
    }
}

/// Where each bracket `(` that begins a command is closed: the place behind its `)`. Brackets with nothing in them, and those around such,
/// are no commands.
pub(super) fn brackets(glyphs: &[Glyph]) -> Vec<Option<usize>> {
    let mut closing = vec![None; glyphs.len()];
    let mut open: Vec<(usize, bool)> = Vec::new();
    for (index, glyph) in glyphs.iter().enumerate() {
        match glyph.is {
            '(' => open.push((index, false)),
            ')' => {
                let Some((start, holds_empty)) = open.pop() else { continue };
                let unusable = holds_empty || start + 1 == index;
                if !unusable {
                    closing[start] = Some(index + 1);
                } else if let Some(outer) = open.last_mut() {
                    outer.1 = true;
                }
            }
            _ => {}
        }
    }
    closing
}
