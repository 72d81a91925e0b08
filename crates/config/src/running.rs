//! Whether a process that runs still has what its release was sealed with.

use std::collections::BTreeMap;

use sternway_core::finding::{Finding, Place};
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};

use crate::landscape::{Landscape, Report};

/// How one variable of a running process differs from what was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// What the process is given at each start is something else, or nothing.
    Given,
    /// It was given what was sealed and has something else.
    Changed,
    /// It was given what was sealed and has nothing of that name.
    Lost,
    /// It has something that nobody sealed.
    Added,
}

/// What is known of a service's running process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Process {
    /// How it differs, by key; empty when it does not.
    Seen(BTreeMap<String, How>),
    /// Nothing, and why.
    Untold(String),
}

/// Compares what runs in one environment with the release that serves there.
pub fn report(
    landscape: &Landscape,
    about: &EnvironmentName,
    release: ReleaseNumber,
    processes: &BTreeMap<ServiceName, Process>,
) -> Report {
    let mut report = Report::default();
    for (service, process) in processes {
        match process {
            Process::Untold(why) => report.unknown.push(format!("the process of `{service}`: {why}")),
            Process::Seen(differs) => {
                report.count("running processes", 1);
                let told =
                    differs.iter().filter(|(key, how)| **how != How::Added || is_configured(landscape, service, key));
                report.findings.extend(told.map(|(key, how)| finding(about, release, service, key, *how)));
            }
        }
    }
    report
}

/// Whether any environment gives the service such a variable. Programs set many of their own for what they start; one that is somewhere
/// else configured was meant for the service.
fn is_configured(landscape: &Landscape, service: &ServiceName, key: &str) -> bool {
    let seen = landscape.environments.values().filter_map(|place| place.services.get(service));
    seen.into_iter().any(|found| found.given.contains(key))
}

fn finding(about: &EnvironmentName, release: ReleaseNumber, service: &ServiceName, key: &str, how: How) -> Finding {
    let message = match how {
        How::Given => format!(
            "in {about} the agent's notes give the process something else than release {release} was sealed with: they were altered"
        ),
        How::Changed => format!(
            "in {about} the running process has another value than release {release} was sealed with, though it was given that one"
        ),
        How::Lost => format!("in {about} the running process lacks what release {release} was sealed with"),
        How::Added => {
            format!("in {about} the running process has a value, and release {release} was sealed without one")
        }
    };
    let hint = match how {
        How::Given => {
            "put what is meant into its source and ship it: what stands in the agent's notes alone is gone with the next release"
        }
        How::Changed | How::Lost | How::Added => {
            "look for what sets it beside the release: the service's `run` command, a script that this starts, or a file that such a script reads"
        }
    };
    // The release, and not the process: that it was started anew changes nothing of it.
    Finding::warning("S0243", format!("{service}:{key}"), message).at(Place::sealed(release), 0, 0).hint(hint)
}
