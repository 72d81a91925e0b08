//! What an existing project is accepted with: the findings of one day, so that only what comes after them counts.
//!
//! A finding is known again by its code, its subject and its files; lines move. The file is committed, and so holds no value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// A check's findings without the accepted ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// What is left.
    pub findings: Vec<Finding>,
    /// How many were accepted.
    pub accepted: usize,
    /// What was accepted and is not found any more.
    pub gone: Vec<Known>,
}

impl Known {
    fn of(finding: &Finding) -> Self {
        Self {
            code: finding.code.clone(),
            subject: finding.subject.clone(),
            files: finding.files().into_iter().map(str::to_owned).collect(),
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
        let is_accepted = |found: &Finding| can_be_accepted(found) && self.accepted.contains(&Known::of(found));
        let (accepted, left): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_accepted);
        let same_check = self.about.as_ref() == about;
        let is_gone = |known: &&Known| same_check && !accepted.iter().any(|found| Known::of(found) == **known);
        let gone = self.accepted.iter().filter(is_gone).cloned().collect();
        Applied { findings: left, accepted: accepted.len(), gone }
    }
}

/// Whether a finding is one about the configuration's consistency that can wait. What is wrong in the project file, what keeps a
/// configuration from being resolved, and what stands whatever a person says cannot; and for a value that only production has
/// somebody answers in the register.
pub fn can_be_accepted(finding: &Finding) -> bool {
    let unresolved = finding.severity == Severity::Error && finding.code.as_str() < "S0211";
    finding.code.starts_with("S02")
        && !unresolved
        && !finding.stands
        && !["S0228", "S0229"].contains(&finding.code.as_str())
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
        assert_eq!(applied.accepted, 1);
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
        assert_eq!(baseline.apply(vec![Finding::error("S0220", "web:A", "m").at("b.env", 1, 1)], None).accepted, 0);
    }

    #[test]
    fn only_consistency_can_be_accepted() {
        let findings = [
            found("S0102", "x", 1),
            found("S0202", "x", 1),
            found("S0228", "x", 1),
            found("S0404", "x", 1),
            found("S0220", "x", 1).that_stands(),
        ];
        assert!(Baseline::of(&findings, None).accepted.is_empty());
        let mut by_hand = Baseline::of(&[], None);
        by_hand.accepted = findings.iter().map(Known::of).collect();
        assert_eq!(by_hand.apply(findings.to_vec(), None).findings, findings);
    }
}
