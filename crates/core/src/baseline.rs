//! What an existing project is accepted with: the findings of one day, so that only what comes after them counts.
//!
//! A finding is known again by its code, its subject and its files; lines move. The file is committed, and so holds no value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::finding::{Finding, Severity};
use crate::ids::EnvironmentName;

/// The newest format that is known here.
pub const FORMAT: u32 = 1;

/// The accepted findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// The version of this shape.
    pub format: u32,
    /// The environment that was checked when it was written; `None`: all. Only of the same check can be said what is gone.
    #[serde(default)]
    pub about: Option<EnvironmentName>,
    /// Which, in order.
    pub accepted: Vec<Known>,
}

/// One accepted finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Known {
    /// Its code.
    pub code: String,
    /// What it is about.
    pub subject: String,
    /// The files of its places, in order.
    pub files: Vec<String>,
}

/// What a baseline accepted at a gate: for the logbook, which so says by which file a finding did not block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Acceptance {
    /// The file, relative to the project's folder.
    pub file: String,
    /// Of the file's bytes.
    pub digest: Digest,
    /// Which findings, in order.
    pub findings: Vec<Known>,
}

/// A check's findings without the accepted ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// What is left.
    pub findings: Vec<Finding>,
    /// What was accepted.
    pub accepted: Vec<Finding>,
    /// What was accepted and is not found any more.
    pub gone: Vec<Known>,
}

impl Known {
    /// How a finding is known again.
    pub fn of(finding: &Finding) -> Self {
        Self {
            code: finding.code.clone(),
            subject: finding.subject.clone(),
            files: finding.files().into_iter().map(str::to_owned).collect(),
        }
    }

    /// Whether it is this finding. What was sealed with a release is the value of a file that can be in the baseline, only that
    /// nobody remembers of which.
    fn is(&self, finding: &Finding) -> bool {
        if (&self.code, &self.subject) != (&finding.code, &finding.subject) {
            return false;
        }
        let is_sealed = |file: &str| finding.places.iter().any(|place| place.file == file && place.is_release());
        let files = finding.files();
        let known = |file: &&str| self.files.iter().any(|known| known == file);
        if files.iter().any(|file| is_sealed(file)) {
            files.iter().filter(|file| !is_sealed(file)).all(known)
        } else {
            files.len() == self.files.len() && files.iter().all(known)
        }
    }
}

impl Baseline {
    /// Today's findings, as far as they can be accepted.
    pub fn of(findings: &[Finding], about: Option<EnvironmentName>) -> Self {
        let mut accepted: Vec<Known> = findings.iter().filter(|found| can_be_accepted(found)).map(Known::of).collect();
        accepted.sort();
        accepted.dedup();
        Self { format: FORMAT, about, accepted }
    }

    /// Leaves out what was accepted.
    pub fn apply(&self, findings: Vec<Finding>, about: Option<&EnvironmentName>) -> Applied {
        let is_accepted = |found: &Finding| can_be_accepted(found) && self.accepted.iter().any(|known| known.is(found));
        let (accepted, left): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_accepted);
        let same_check = self.about.as_ref() == about;
        let is_gone = |known: &&Known| same_check && !accepted.iter().any(|found| known.is(found));
        let gone = self.accepted.iter().filter(is_gone).cloned().collect();
        Applied { findings: left, accepted, gone }
    }
}

/// Whether a finding is one about the configuration's consistency, or about code on another version of its runtime, that can wait. What
/// is wrong in the project file, what keeps a configuration from being resolved, and what stands whatever a person says cannot; for a
/// value that only production has somebody answers in the register; and what a live proof says is a fact of the day on which it was
/// asked.
pub fn can_be_accepted(finding: &Finding) -> bool {
    if finding.code.starts_with("S10") {
        return !finding.stands;
    }
    let unresolved = finding.severity == Severity::Error && finding.code.as_str() < "S0211";
    finding.code.starts_with("S02")
        && !unresolved
        && !finding.stands
        && !["S0228", "S0229"].contains(&finding.code.as_str())
        && !is_of_a_live_proof(finding)
}

/// Live proofs have S0251 to S0259.
fn is_of_a_live_proof(finding: &Finding) -> bool {
    finding.code.starts_with("S025")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &str, subject: &str, line: u32) -> Finding {
        Finding::error(code, subject, "differs").at("b.env", line, 1).at("a.env", 1, 1)
    }

    #[test]
    fn what_was_accepted_is_left_out_wherever_its_line_is_now_and_what_is_new_counts() {
        let baseline = Baseline::of(&[found("S0220", "web:A", 3), found("S0214", "web:B", 4)], None);
        let applied = baseline.apply(vec![found("S0220", "web:A", 9), found("S0220", "web:C", 9)], None);
        assert_eq!(applied.findings, [found("S0220", "web:C", 9)]);
        assert_eq!(applied.accepted, [found("S0220", "web:A", 9)]);
        assert_eq!(applied.gone.iter().map(|known| known.subject.as_str()).collect::<Vec<_>>(), ["web:B"]);
    }

    #[test]
    fn of_another_check_nothing_is_said_to_be_gone() {
        let production = EnvironmentName::new("production").unwrap();
        let baseline = Baseline::of(&[found("S0220", "web:A", 3)], None);
        let applied = baseline.apply(Vec::new(), Some(&production));
        assert!(applied.gone.is_empty());
    }

    #[test]
    fn another_file_is_another_finding() {
        let baseline = Baseline::of(&[Finding::error("S0220", "web:A", "m").at("a.env", 1, 1)], None);
        assert!(
            baseline.apply(vec![Finding::error("S0220", "web:A", "m").at("b.env", 1, 1)], None).accepted.is_empty()
        );
    }

    #[test]
    fn what_was_sealed_with_a_release_is_known_by_its_other_files() {
        let agreement = |one: &str, other: &str, declared: &str| {
            Finding::error("S0220", "agreement", "m").at(one, 0, 0).at(other, 0, 0).at(declared, 3, 1)
        };
        let baseline = Baseline::of(&[agreement("a.env", "b.env", "sternway.toml")], None);
        let accepted = |found: Finding| baseline.apply(vec![found], None).accepted.len();
        assert_eq!(accepted(agreement("release 12", "release 12", "sternway.toml")), 1);
        assert_eq!(accepted(agreement("release 12", "b.env", "sternway.toml")), 1);
        assert_eq!(accepted(agreement("release 12", "c.env", "sternway.toml")), 0, "another file is another finding");
        assert_eq!(accepted(agreement("releases", "b.env", "sternway.toml")), 0);
        assert_eq!(accepted(Finding::error("S0221", "agreement", "m").at("release 12", 0, 0)), 0);
    }

    #[test]
    fn what_code_needs_can_be_accepted() {
        let old = found("S1001", "function each", 3);
        let baseline = Baseline::of(std::slice::from_ref(&old), None);
        assert_eq!(baseline.apply(vec![old.clone()], None).accepted.len(), 1);
        assert!(Baseline::of(&[old.that_stands()], None).accepted.is_empty());
    }

    #[test]
    fn only_consistency_can_be_accepted() {
        let findings = [
            found("S0102", "x", 1),
            found("S0202", "x", 1),
            found("S0228", "x", 1),
            found("S0251", "x", 1),
            Finding::warning("S0256", "x", "not proven"),
            found("S0404", "x", 1),
            found("S0220", "x", 1).that_stands(),
        ];
        assert!(Baseline::of(&findings, None).accepted.is_empty());
        let mut by_hand = Baseline::of(&[], None);
        by_hand.accepted = findings.iter().map(Known::of).collect();
        assert_eq!(by_hand.apply(findings.to_vec(), None).findings, findings);
    }
}
