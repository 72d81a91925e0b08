//! Positions in the text, and the problems that are collected while it is read.

use std::ops::Range;

use serde::Serialize;

use crate::finding::{Finding, Place};

/// Something that is wrong in sternway.toml, with the stretch of text that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What is wrong, where (line and column), and what to do.
    pub finding: Finding,
    /// The offending token, in bytes of the text that was parsed.
    pub span: Range<usize>,
}

/// Codes of the findings about sternway.toml.
pub(super) mod code {
    /// The text is not TOML.
    pub(in crate::project) const SYNTAX: &str = "S0101";
    /// A key that nothing knows.
    pub(in crate::project) const UNKNOWN_KEY: &str = "S0102";
    /// A key or value of a later version.
    pub(in crate::project) const LATER: &str = "S0103";
    /// A key that must be there is not.
    pub(in crate::project) const MISSING: &str = "S0104";
    /// Text where a number belongs, and the like.
    pub(in crate::project) const WRONG_TYPE: &str = "S0105";
    /// The right type, but not a value that can be meant.
    pub(in crate::project) const BAD_VALUE: &str = "S0106";
    /// Not a name.
    pub(in crate::project) const BAD_NAME: &str = "S0107";
    /// A reference to something that is not declared.
    pub(in crate::project) const UNKNOWN_NAME: &str = "S0108";
    /// Said twice: a check's name, an address.
    pub(in crate::project) const DUPLICATE: &str = "S0109";
    /// Two things that cannot both be.
    pub(in crate::project) const CONTRADICTION: &str = "S0110";
    /// A path that leads out of the project.
    pub(in crate::project) const OUTSIDE: &str = "S0111";
    /// Warning: something has no effect, or hardly the one that was meant.
    pub(in crate::project) const NO_EFFECT: &str = "S0121";
    /// Warning: a value that looks like a secret stands in sternway.toml.
    pub(in crate::project) const PLAIN_SECRET: &str = "S0122";
}

/// The text under the reader's eyes.
pub(super) struct Source<'a> {
    file: &'a str,
    text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str, file: &'a str) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file, text, line_starts }
    }

    /// Line and column (in characters, both from 1) of a byte offset.
    pub(super) fn place(&self, offset: usize) -> Place {
        let line = self.line_starts.partition_point(|&start| start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let end = offset.min(self.text.len());
        let line_text = self.text.get(start..).unwrap_or("");
        let column = line_text.char_indices().take_while(|&(at, _)| start + at < end).count() + 1;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place { file: self.file.to_owned(), line: number(line), column: number(column) }
    }
}

/// Collects everything that is wrong, so that one run names it all.
pub(super) struct Problems<'a> {
    pub(super) source: Source<'a>,
    pub(super) errors: Vec<Problem>,
    pub(super) warnings: Vec<Finding>,
}

impl<'a> Problems<'a> {
    pub(super) fn new(source: Source<'a>) -> Self {
        Self { source, errors: Vec::new(), warnings: Vec::new() }
    }

    pub(super) fn error(
        &mut self,
        code: &str,
        subject: &str,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let place = self.source.place(span.start);
        let finding = Finding::error(code, subject, message).hint(hint).at(place.file, place.line, place.column);
        self.errors.push(Problem { finding, span });
    }

    pub(super) fn warning(
        &mut self,
        code: &str,
        subject: &str,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let place = self.source.place(span.start);
        self.warnings.push(Finding::warning(code, subject, message).hint(hint).at(
            place.file,
            place.line,
            place.column,
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_survive_any_offset() {
        let source = Source::new("a = 1\n# häß\nb = 2", "f");
        let at = |offset| {
            let place = source.place(offset);
            (place.line, place.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(4), (1, 5));
        assert_eq!(at(6), (2, 1));
        assert_eq!(at("a = 1\n# hä".len()), (2, 5));
        assert_eq!(at("a = 1\n# häß\nb".len()), (3, 2));
        assert_eq!(at(9999), (3, 6));
    }
}
