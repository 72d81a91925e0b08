//! Whether a placeholder is one: what a file reads as, before and after.

use std::io;

use sternway_core::finding::Place;

use crate::formats::format;
use crate::source::{Assignment, Files, Input, Piece, Read, Template};

/// What a file is read as.
#[derive(Clone, Copy)]
pub(super) struct As<'a> {
    pub(super) kind: &'a str,
    pub(super) part: Option<&'a str>,
    /// The file that sternway.toml names.
    pub(super) path: &'a str,
    /// The file that is looked at: that one, or one that it names.
    pub(super) file: &'a str,
    pub(super) files: &'a dyn Files,
}

/// The files as they would be.
struct Instead<'a> {
    file: &'a str,
    bytes: &'a [u8],
    files: &'a dyn Files,
}

impl Files for Instead<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        if path == self.file { Ok(self.bytes.to_owned()) } else { self.files.read(path) }
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.files.list(folder)
    }
}

impl As<'_> {
    /// What the source reads when its file has these bytes; nothing when it cannot be read.
    pub(super) fn read(&self, bytes: &[u8]) -> Option<Read> {
        let files = Instead { file: self.file, bytes, files: self.files };
        let format = format(self.kind)?;
        let main = files.read(self.path).ok()?;
        Some((format.read)(&Input { bytes: &main, file: self.path, part: self.part, files: &files }))
    }
}

/// What a source says, without where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    assignments: Vec<(String, Template)>,
    findings: Vec<(String, String)>,
}

impl Said {
    pub(super) fn of(read: &Read) -> Self {
        let one = |one: &Assignment| (one.key.clone(), nowhere(&one.value));
        let mut assignments: Vec<_> = read.assignments.iter().map(one).collect();
        assignments.sort_by(|one, other| one.0.cmp(&other.0));
        let findings = read.findings.iter().map(|finding| (finding.code.clone(), finding.message.clone())).collect();
        Self { assignments, findings }
    }

    /// The keys that are set here and not there, when all that is set there is set here as it is there.
    pub(super) fn beyond(&self, other: &Self) -> Option<Vec<&str>> {
        let mut new: Vec<&str> = Vec::new();
        let mut old = other.assignments.iter().peekable();
        for one in &self.assignments {
            if old.peek().is_some_and(|old| *old == one) {
                old.next();
            } else {
                new.push(&one.0);
            }
        }
        old.peek().is_none().then_some(new)
    }
}

fn nowhere(template: &Template) -> Template {
    let place = || Place { file: String::new(), line: 0, column: 0 };
    let piece = |piece: &Piece| match piece.clone() {
        Piece::Text(text) => Piece::Text(text),
        Piece::Reference { name, default, or_empty, missing, .. } => {
            let default = default.as_ref().map(nowhere);
            Piece::Reference { name, default, or_empty, missing, place: place() }
        }
        Piece::Alternative { name, then, or_empty, .. } => {
            Piece::Alternative { name, then: nowhere(&then), or_empty, place: place() }
        }
        Piece::Variable(mut variable) => {
            variable.place = place();
            variable.default = variable.default.as_ref().map(nowhere);
            Piece::Variable(variable)
        }
        Piece::Unknown { why, .. } => Piece::Unknown { why, place: place() },
    };
    Template(template.0.iter().map(piece).collect())
}
