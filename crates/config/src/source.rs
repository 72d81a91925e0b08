//! The port behind which every kind of configuration source stands.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use sternway_core::finding::{Finding, Place};

use crate::formats::LARGEST;
use crate::machine::{Closed, Machine};
use crate::plain;
use crate::secret::SecretText;
use crate::variable::Variable;

/// Something that assigns values to keys.
pub trait Source {
    /// How a person calls it: `dotenv:config/production.env`.
    fn layer(&self) -> String;

    /// Reads it where the project is.
    fn read(&self, site: &Site<'_>) -> Read;
}

/// Where sources are read.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The folder of sternway.toml, to which paths are relative.
    pub folder: &'a Path,
    /// What can be asked beside files.
    pub machine: &'a dyn Machine,
}

impl<'a> Site<'a> {
    /// A folder whose files are all that is read.
    pub fn files(folder: &'a Path) -> Self {
        Self { folder, machine: &Closed }
    }
}

/// What a parser of files gets. Parsers are pure: other files are looked at through [`Files`].
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// Its name in findings and places, relative to the project's folder.
    pub file: &'a str,
    /// What was named after `#`: a service of a Compose file, a section, a profile.
    pub part: Option<&'a str>,
    /// The files beside it.
    pub files: &'a dyn Files,
}

/// Files by their path relative to the project's folder, for formats that include others.
pub trait Files {
    /// A file's bytes.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// The names of the files in a folder, sorted; without folders.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
}

/// What a source holds.
#[derive(Debug, Default)]
pub struct Read {
    /// In the order of the source; of two for one key the later counts.
    pub assignments: Vec<Assignment>,
    /// What is wrong with it. With an error among them nothing is resolved.
    pub findings: Vec<Finding>,
    /// Whether references are to what the keys are in the end, over all sources, and not to what they are at that point.
    pub late: bool,
    /// Whether its keys are paths within a document, and so answer no look-up in the environment.
    pub document: bool,
    /// What it turned out to be, where that says more than what sternway.toml calls it: which process, for one.
    pub layer: Option<String>,
}

/// One key with its value, which may refer to earlier keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Template,
    /// Where the key stands.
    pub place: Place,
}

/// A value in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template(pub Vec<Piece>);

/// A piece of a value.
#[derive(Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Text(SecretText),
    /// The value of an earlier key.
    Reference {
        /// Which one.
        name: String,
        /// What stands for it when it is not set.
        default: Option<Template>,
        /// Whether the default also stands for an empty value: `${X:-...}` and not `${X-...}`.
        or_empty: bool,
        /// What a key that is not set, without a default, means to this format.
        missing: Missing,
        /// Where the reference begins.
        place: Place,
    },
    /// `${X:+...}`: text that counts only when a key is set.
    Alternative {
        /// Which key.
        name: String,
        /// What counts then.
        then: Template,
        /// Whether the key must also not be empty.
        or_empty: bool,
        /// Where it begins.
        place: Place,
    },
    /// A look-up in the environment, by code: keys of documents do not answer it.
    Variable(Box<Variable>),
    /// Something that is only known when the program runs.
    Unknown {
        /// Why, in words that hold nothing of the value: `a call of rand()`.
        why: String,
        /// Where it stands.
        place: Place,
    },
}

/// What a reference to a key that is not set means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// The program would not start: an error.
    #[default]
    Error,
    /// It reads as empty.
    Empty,
    /// The value is not known: the key may be set where Sternway cannot see it.
    Unknown,
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            // A `$` in the middle of a password looks like a reference: its name is not printed either.
            Self::Reference { .. } | Self::Alternative { .. } | Self::Variable(_) => f.write_str("$***"),
            Self::Unknown { .. } => f.write_str("?"),
        }
    }
}

impl Template {
    /// A value without references.
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Piece::Text(SecretText::new(text))])
    }

    /// A value that is only known when the program runs.
    pub fn unknown(why: impl Into<String>, place: Place) -> Self {
        Self(vec![Piece::Unknown { why: why.into(), place }])
    }

    /// Its text, when it has neither references nor anything unknown.
    pub fn plain(&self) -> Option<String> {
        let mut text = String::new();
        for piece in &self.0 {
            let Piece::Text(more) = piece else { return None };
            text.push_str(more.reveal());
        }
        Some(text)
    }
}

/// A project's folder.
#[derive(Debug, Clone, Copy)]
pub struct Folder<'a>(pub &'a Path);

impl Files for Folder<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        // One byte more than is read of any file, so that a larger one is told.
        plain::read(&self.0.join(path), LARGEST + 1)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.0.join(folder))? {
            let entry = entry?;
            // Kubernetes mounts each value as a link: what it leads to counts.
            if entry.path().is_file() {
                names.extend(entry.file_name().into_string());
            }
        }
        names.sort();
        Ok(names)
    }
}

/// A key that a process's environment can have: `[A-Za-z_][A-Za-z0-9_]*`.
pub fn is_key(key: &str) -> bool {
    let mut bytes = key.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
