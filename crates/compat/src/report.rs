//! What is said in the end.

use serde::{Deserialize, Serialize};
use sternway_core::finding::{Finding, Severity};

use crate::seen::Confidence;
use crate::text::Spot;
use crate::version::Version;

/// A place of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Relative to what was scanned.
    pub file: String,
    /// Where in it.
    pub at: Spot,
}

/// One thing that stands against a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which finding it is: S1001 and on.
    pub code: String,
    /// How much it weighs.
    pub severity: Severity,
    /// What is it about: `function each`, `syntax curly-offset`. The same for all problems of one kind.
    pub rule: String,
    /// Where.
    pub place: Place,
    /// One sentence.
    pub message: String,
    /// What to write instead.
    pub hint: String,
    /// Where that is documented; empty when only the parser says so.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

impl Problem {
    /// As all capabilities answer.
    pub fn finding(&self) -> Finding {
        let new = match self.severity {
            Severity::Error => Finding::error,
            Severity::Warning => Finding::warning,
            Severity::Note => Finding::note,
        };
        let place = &self.place;
        new(&self.code, self.rule.as_str(), self.message.as_str()).hint(self.hint.as_str()).at(
            place.file.as_str(),
            place.at.line,
            place.at.column,
        )
    }
}

/// On which versions of PHP code runs, as far as its symbols and its syntax tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// The oldest; `None` when there is none.
    pub lowest: Option<Version>,
    /// The newest; `None` when it is the newest that is known, and later ones may do as well.
    pub highest: Option<Version>,
}

/// What a scan found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// By file and line.
    pub problems: Vec<Problem>,
    /// How many files were looked at.
    pub files: usize,
    /// Their size.
    pub bytes: u64,
    /// How many were left out because they are no text.
    pub binary: usize,
    /// How many came from the cache.
    pub cached: usize,
    /// On which versions the code runs.
    pub needs: Needs,
}
