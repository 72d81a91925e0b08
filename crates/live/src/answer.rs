//! What was proven and found, in a form that can be sent back. Without a value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sternway_config::landscape::Report;
use sternway_core::finding::{Finding, Place};

use crate::question::FORMAT;

/// What was proven and found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// [`FORMAT`].
    pub format: u32,
    /// What is wrong, and what could not be proven.
    pub findings: Vec<Finding>,
    /// What was proven, in words, each with how often: `connections`, `session proofs`.
    pub checked: BTreeMap<String, usize>,
    /// What could not be proven, and why.
    pub unknown: Vec<String>,
    /// Values that lead to one place by different names of the server, each with its place: proven, so that their texts need not agree.
    pub same: Vec<(Place, Place)>,
}

/// What is counted.
const COUNTED: [&str; 2] = ["connections", "session proofs"];

impl Outcome {
    pub(crate) fn of(report: Report, same: Vec<(Place, Place)>) -> Self {
        let checked = report.checked.into_iter().map(|(what, count)| (what.to_owned(), count)).collect();
        Self { format: FORMAT, findings: report.findings, checked, unknown: report.unknown, same }
    }

    /// As a report like all others. What is counted by a name that this version does not know is left out.
    pub fn report(&self) -> Report {
        let mut report = Report { findings: self.findings.clone(), unknown: self.unknown.clone(), ..Report::default() };
        for what in COUNTED {
            if let Some(count) = self.checked.get(what) {
                report.count(what, *count);
            }
        }
        report
    }
}
