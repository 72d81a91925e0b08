//! Rules about syntax: what came with which version, and what a version no longer takes or means otherwise.
//!
//! The keys are those of the table, whose header says what each means. What a version's parser rejects it says itself (`parse.rs`); the rules here
//! are for what is only deprecated or means something else, and for what tells how new a version the code needs.

mod calls;
mod classes;
mod expressions;
mod functions;
mod statements;
mod strings;
mod types;

pub(super) use types::takes_null;

use super::examine::Examiner;
use crate::facts::Kind;
use crate::seen::Confidence;

impl<'a> Examiner<'a> {
    /// A rule of syntax.
    pub(super) fn form(&mut self, key: &'static str, at: u32) {
        self.rule(Kind::Syntax, key, at, Confidence::High);
    }

    /// The text from an offset on.
    pub(super) fn rest(&self, at: u32) -> &'a str {
        self.text.get(at as usize..).unwrap_or_default()
    }

    /// The last byte before an offset that is no white space.
    pub(super) fn byte_before(&self, at: u32) -> Option<u8> {
        let before = self.text.as_bytes().get(..at as usize)?;
        before.iter().rev().copied().find(|byte| !byte.is_ascii_whitespace())
    }

    /// The first byte from an offset on that is no white space.
    pub(super) fn byte_after(&self, at: u32) -> Option<u8> {
        let after = self.text.as_bytes().get(at as usize..)?;
        after.iter().copied().find(|byte| !byte.is_ascii_whitespace())
    }
}

/// Whether `(...)` is a place where `as_written` begins, in any case.
pub(super) fn starts_with(text: &str, words: &str) -> bool {
    text.get(..words.len()).is_some_and(|start| start.eq_ignore_ascii_case(words))
}
