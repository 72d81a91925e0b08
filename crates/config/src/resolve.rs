//! Sources laid over each other.

use std::collections::BTreeMap;
use std::path::Path;

use sternway_core::finding::{Finding, Place, Severity};
use sternway_core::project::ConfigSource;

use crate::dotenv::Dotenv;
use crate::inline::Inline;
use crate::secret::SecretText;
use crate::source::{Assignment, Piece, Read, Source, Template};

/// The kernel hands no process an environment variable of this many bytes or more, name and `=` included (`MAX_ARG_STRLEN`,
/// execve(2)); it also bounds what references to references can grow to.
const LONGEST: usize = 128 * 1024;

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// File, relative to the project's folder.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Which source: `dotenv:config/production.env`, `inline`.
    pub layer: String,
}

/// A value with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// What the process gets.
    pub text: SecretText,
    /// Where it was set.
    pub provenance: Provenance,
    /// Where it was set before, oldest first.
    pub overridden: Vec<Provenance>,
}

/// The effective configuration of one service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolved {
    /// By key.
    pub values: BTreeMap<String, Value>,
    /// What does not stand in the way, such as keys that are set twice.
    pub warnings: Vec<Finding>,
}

impl Resolved {
    /// The plain texts, for the release's own file of values.
    pub fn reveal(&self) -> BTreeMap<String, String> {
        self.values.iter().map(|(key, value)| (key.clone(), value.text.reveal().to_owned())).collect()
    }
}

/// Reads the sources, whose paths are relative to `project`, and lays each over those before it. With errors, answers with all
/// that was found.
pub fn resolve(project: &Path, sources: &[ConfigSource]) -> Result<Resolved, Vec<Finding>> {
    let layers = sources.iter().map(source).map(|source| (source.layer(), source.read(project)));
    lay(layers.collect())
}

/// The source behind a declaration.
pub fn source(declared: &ConfigSource) -> Box<dyn Source + '_> {
    match declared {
        ConfigSource::Dotenv { path, place } => Box::new(Dotenv { path, place }),
        ConfigSource::Inline { values, place } => Box::new(Inline { values, place }),
    }
}

/// Lays what was read over each other. Pure.
pub fn lay(layers: Vec<(String, Read)>) -> Result<Resolved, Vec<Finding>> {
    let mut resolved = Resolved::default();
    let mut findings = Vec::new();
    for (layer, read) in layers {
        findings.extend(read.findings);
        for assignment in read.assignments {
            findings.extend(resolved.assign(&layer, assignment));
        }
    }
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(findings);
    }
    resolved.warnings = findings;
    Ok(resolved)
}

impl Resolved {
    /// Answers with what is wrong with the assignment, if anything is.
    fn assign(&mut self, layer: &str, assignment: Assignment) -> Option<Finding> {
        let Assignment { key, value, place } = assignment;
        if let Some(finding) = reserved(&key, &place) {
            return Some(finding);
        }
        let mut text = String::new();
        let expanded = self.expand(&value, LONGEST.saturating_sub(key.len() + 2), &mut text);
        let finding = expanded.err().map(|trouble| trouble.finding(&key, &place));
        if finding.is_some() {
            // Set all the same, so that what refers to this key is not reported, too.
            text.clear();
        }
        self.set(key, SecretText::new(text), provenance(layer, place));
        finding
    }

    fn set(&mut self, key: String, text: SecretText, provenance: Provenance) {
        let overridden = match self.values.remove(&key) {
            Some(Value { provenance, mut overridden, .. }) => {
                overridden.push(provenance);
                overridden
            }
            None => Vec::new(),
        };
        self.values.insert(key, Value { text, provenance, overridden });
    }

    /// Appends a value to `text`, with references replaced by what their keys have now.
    fn expand(&self, template: &Template, longest: usize, text: &mut String) -> Result<(), Trouble> {
        for piece in &template.0 {
            match piece {
                Piece::Text(more) => text.push_str(more.reveal()),
                Piece::Reference { name, default, or_empty, place } => {
                    let found = self.values.get(name).map(|value| value.text.reveal());
                    match (found, default) {
                        (Some(""), Some(default)) if *or_empty => self.expand(default, longest, text)?,
                        (Some(found), _) => text.push_str(found),
                        (None, Some(default)) => self.expand(default, longest, text)?,
                        (None, None) => return Err(Trouble::NotSet(place.clone())),
                    }
                }
            }
            if text.len() > longest {
                return Err(Trouble::TooLong);
            }
        }
        Ok(())
    }
}

fn provenance(layer: &str, place: Place) -> Provenance {
    Provenance { file: place.file, line: place.line, column: place.column, layer: layer.to_owned() }
}

/// Why a value has no text.
enum Trouble {
    NotSet(Place),
    TooLong,
}

impl Trouble {
    fn finding(self, key: &str, place: &Place) -> Finding {
        match self {
            // The name is not repeated: a `$` in the middle of a password looks like a reference.
            Self::NotSet(place) => {
                let message = "its value refers to a key that is not set before it";
                let hint = "set that key first (the process's environment is not looked at), give a default as ${KEY:-default}, or write \\$ or single quotes for a plain `$`";
                Finding::error("S0205", key, message).at(place.file, place.line, place.column).hint(hint)
            }
            Self::TooLong => {
                let message = "its value is longer than the 128 KiB that the system allows an environment variable";
                let hint = "keep it in a file, and its path here";
                Finding::error("S0206", key, message).at(&place.file, place.line, place.column).hint(hint)
            }
        }
    }
}

/// Keys that Sternway sets itself.
fn reserved(key: &str, place: &Place) -> Option<Finding> {
    let hint = if key == "PORT" {
        "take it out: each instance gets a free port in PORT; a service that needs a fixed one says so with `port` in sternway.toml"
    } else if key.starts_with("STERNWAY_") {
        "choose a name that does not begin with STERNWAY_"
    } else {
        return None;
    };
    let finding = Finding::error("S0204", key, "this key is set by Sternway itself").hint(hint);
    Some(finding.at(&place.file, place.line, place.column))
}
