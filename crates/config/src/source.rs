//! The port behind which every kind of configuration source stands.

use std::fmt;
use std::path::Path;

use sternway_core::finding::{Finding, Place};

use crate::secret::SecretText;

/// Something that assigns values to keys.
pub trait Source {
    /// How a person calls it: `dotenv:config/production.env`.
    fn layer(&self) -> String;

    /// Reads it. Paths are relative to `project`, the folder of sternway.toml.
    fn read(&self, project: &Path) -> Read;
}

/// What a source holds.
#[derive(Debug, Default)]
pub struct Read {
    /// In the order of the source; of two for one key the later counts.
    pub assignments: Vec<Assignment>,
    /// What is wrong with it. With an error among them nothing is resolved.
    pub findings: Vec<Finding>,
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
        /// Where the reference begins.
        place: Place,
    },
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            // A `$` in the middle of a password looks like a reference: its name is not printed either.
            Self::Reference { .. } => f.write_str("$***"),
        }
    }
}

impl Template {
    /// A value without references.
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Piece::Text(SecretText::new(text))])
    }
}

/// A key that a process's environment can have: `[A-Za-z_][A-Za-z0-9_]*`.
pub fn is_key(key: &str) -> bool {
    let mut bytes = key.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
