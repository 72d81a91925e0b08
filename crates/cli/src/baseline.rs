//! Accepted findings in a file of the repository: the one that the project file names, or that was typed.

use std::fmt::Write as _;
use std::path::Path;

use sternway_config::plain;
use sternway_core::baseline::{Acceptance, Applied, Baseline, FORMAT, Known};
use sternway_core::digest::Digest;
use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;
use sternway_core::project::Project;

use crate::context::Context;
use crate::failure::Failure;

/// A baseline is no larger than this: more than a hundred thousand findings.
const LARGEST: usize = 16 << 20;

/// A file that was read.
#[derive(Debug, Clone)]
pub(crate) struct Used {
    /// As a person names it.
    file: String,
    baseline: Baseline,
    /// Of the file's bytes.
    pub(crate) digest: Digest,
}

/// Findings without those that were accepted.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) findings: Vec<Finding>,
    /// `None` when none was.
    pub(crate) accepted: Option<Acceptance>,
}

/// The one that the project file names, if it names one.
pub(crate) fn of_project(context: &Context, project: &Project) -> Result<Option<Used>, Failure> {
    let Some(file) = &project.baseline else { return Ok(None) };
    read(&context.project_dir.join(file), file).map(Some)
}

/// The one that was typed.
pub(crate) fn typed(path: &Path) -> Result<Used, Failure> {
    read(path, &path.display().to_string())
}

fn read(path: &Path, file: &str) -> Result<Used, Failure> {
    let unusable = || {
        Failure::usage("S0264", format!("the baseline {file} cannot be used"))
            .next(format!("write it anew: sternway check --write-baseline {file}"))
    };
    let bytes = plain::read(path, LARGEST).map_err(|error| unusable().cause(&error))?;
    let baseline: Baseline = serde_json::from_slice(&bytes).map_err(|error| unusable().cause(&error))?;
    if baseline.format > FORMAT {
        let why = format!("it has format {}, and this version knows {FORMAT}", baseline.format);
        return Err(unusable().because(why));
    }
    Ok(Used { file: file.to_owned(), baseline, digest: Digest::of(&bytes) })
}

/// Writes today's findings, and answers with the file.
pub(crate) fn write(path: &Path, findings: &[Finding], about: Option<&EnvironmentName>) -> Result<Used, Failure> {
    let baseline = Baseline::of(findings, about.cloned());
    let failed = |error: &dyn std::error::Error| {
        Failure::usage("S0264", format!("the baseline {} cannot be written", path.display())).cause(error)
    };
    let mut text = serde_json::to_string_pretty(&baseline).map_err(|error| failed(&error))?;
    let _infallible = writeln!(text);
    std::fs::write(path, &text).map_err(|error| failed(&error))?;
    Ok(Used { file: path.display().to_string(), baseline, digest: Digest::of(text.as_bytes()) })
}

impl Used {
    /// Leaves out what the file accepts; what it accepts and is gone is a note each.
    pub(crate) fn apply(&self, findings: Vec<Finding>, about: Option<&EnvironmentName>) -> Left {
        let Applied { mut findings, accepted, gone } = self.baseline.apply(findings, about);
        findings.extend(gone.iter().map(|known| self.trimmable(known)));
        let mut known: Vec<Known> = accepted.iter().map(Known::of).collect();
        known.sort();
        known.dedup();
        let accepted = (!known.is_empty()).then(|| Acceptance {
            file: self.file.clone(),
            digest: self.digest.clone(),
            findings: known,
        });
        Left { findings, accepted }
    }

    /// What was accepted, in words: `2 findings accepted by sternway.baseline.json`.
    pub(crate) fn in_words(&self, left: &Left) -> String {
        counted(left.accepted.as_ref().map_or(0, |accepted| accepted.findings.len()), &self.file)
    }

    fn trimmable(&self, known: &Known) -> Finding {
        let file = &self.file;
        let message = format!("{} was accepted in {file} and is not found any more", known.code);
        Finding::note("S0263", &known.subject, message)
            .hint(format!("take it out of the file, or write that anew: sternway check --write-baseline {file}"))
    }
}

/// The same of what a gate recorded.
pub(crate) fn recorded(accepted: &Acceptance) -> String {
    counted(accepted.findings.len(), &accepted.file)
}

fn counted(count: usize, file: &str) -> String {
    let noun = if count == 1 { "finding" } else { "findings" };
    format!("{count} {noun} accepted by {file}")
}
