//! The one type in which every capability answers.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::ReleaseNumber;
use crate::project::{Lies, source_kind};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; never blocks.
    Note,
    /// Likely to hurt later; does not block.
    Warning,
    /// Blocks a release until it is mended or overridden.
    Error,
}

/// A place in a file. Lines and columns count from 1; 0 means that the place is the whole file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Path relative to the project's folder; or, see [`Place::sealed`], a release; or a running process as sternway.toml names it.
    pub file: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: u32,
    /// Column in characters, from 1; 0 when the whole line is meant.
    pub column: u32,
}

impl Place {
    /// What stands for a file where a value is known from a release alone: `release 12`.
    pub fn sealed(release: ReleaseNumber) -> String {
        format!("{SEALED}{release}")
    }

    /// Whether it is a release, and no file.
    pub fn is_release(&self) -> bool {
        is_release(&self.file)
    }

    /// Whether it is a file, and neither a release nor a running process (`process:web`).
    pub fn is_file(&self) -> bool {
        !self.is_release() && !is_process(&self.file)
    }
}

const SEALED: &str = "release ";

fn is_release(file: &str) -> bool {
    file.strip_prefix(SEALED)
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_process(file: &str) -> bool {
    let kind = file.split_once(':').and_then(|(kind, _)| source_kind(kind));
    kind.is_some_and(|kind| kind.lies == Lies::InProcess)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => f.write_str(&self.file),
            (line, 0) => write!(f, "{}:{line}", self.file),
            (line, column) => write!(f, "{}:{line}:{column}", self.file),
        }
    }
}

/// Something that was found before, during or after a change. Never holds a secret's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable code such as `S0101`, explained in docs/findings/S0101.md.
    pub code: String,
    /// Whether it blocks.
    pub severity: Severity,
    /// What it is about: a service, a check, a key.
    pub subject: String,
    /// Where to look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// One sentence that says what is wrong.
    pub message: String,
    /// What to do or type next.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// Whether it stands whatever a person says: what it is about would fail all the same, or there is nothing to let pass.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stands: bool,
}

impl Finding {
    /// A blocking finding.
    pub fn error(code: &str, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, subject, message)
    }

    /// A finding that does not block.
    pub fn warning(code: &str, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, subject, message)
    }

    /// A finding that is only worth knowing.
    pub fn note(code: &str, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, subject, message)
    }

    fn new(severity: Severity, code: &str, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            severity,
            subject: subject.into(),
            places: Vec::new(),
            message: message.into(),
            hint: String::new(),
            stands: false,
        }
    }

    /// Whether both are about the same: code, subject and files. Lines move, and sentences are said in other words.
    pub fn is_same(&self, other: &Self) -> bool {
        self.code == other.code && self.subject == other.subject && self.files() == other.files()
    }

    /// The files of its places, in order, each once.
    pub fn files(&self) -> std::collections::BTreeSet<&str> {
        self.places.iter().map(|place| place.file.as_str()).collect()
    }

    /// The same finding, which no override lets pass: going on would fail all the same.
    #[must_use]
    pub fn that_stands(mut self) -> Self {
        self.stands = true;
        self
    }

    /// The same finding with the next thing to do or type.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The same finding with one more place.
    #[must_use]
    pub fn at(mut self, file: impl Into<String>, line: u32, column: u32) -> Self {
        self.places.push(Place { file: file.into(), line, column });
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.code, self.subject, self.message)
    }
}
