//! `check --baseline FILE`: accepted findings in a file of the repository.

use std::path::Path;

use sternway_core::baseline::{Applied, Baseline, FORMAT, Known};
use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;

use crate::failure::Failure;

/// Writes today's findings. Answers with how many could be accepted.
pub(crate) fn write(path: &Path, findings: &[Finding], about: Option<&EnvironmentName>) -> Result<usize, Failure> {
    let baseline = Baseline::of(findings, about.cloned());
    let failed = |error: &dyn std::error::Error| {
        Failure::usage("S0264", format!("the baseline {} cannot be written", path.display())).cause(error)
    };
    let text = serde_json::to_string_pretty(&baseline).map_err(|error| failed(&error))?;
    std::fs::write(path, format!("{text}\n")).map_err(|error| failed(&error))?;
    Ok(baseline.accepted.len())
}

/// Leaves out what the file accepts; what it accepts and is gone is a note each.
pub(crate) fn apply(
    path: &Path,
    findings: Vec<Finding>,
    about: Option<&EnvironmentName>,
) -> Result<(Vec<Finding>, usize), Failure> {
    let unusable = || {
        Failure::usage("S0264", format!("the baseline {} cannot be used", path.display()))
            .next(format!("write it anew: sternway check --write-baseline {}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| unusable().cause(&error))?;
    let baseline: Baseline = serde_json::from_str(&text).map_err(|error| unusable().cause(&error))?;
    if baseline.format > FORMAT {
        let why = format!("it has format {}, and this version knows {FORMAT}", baseline.format);
        return Err(unusable().because(why));
    }
    let Applied { mut findings, accepted, gone } = baseline.apply(findings, about);
    findings.extend(gone.iter().map(|known| trimmable(path, known)));
    Ok((findings, accepted))
}

fn trimmable(path: &Path, known: &Known) -> Finding {
    let file = path.display();
    let message = format!("{} was accepted in {file} and is not found any more", known.code);
    Finding::note("S0263", &known.subject, message)
        .hint(format!("take it out of the file, or write that anew: sternway check --write-baseline {file}"))
}
