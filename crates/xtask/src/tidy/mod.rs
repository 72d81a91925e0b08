//! The rules of the house that no compiler knows. Each is a function from the tree of files to what is wrong with it.

mod arrows;
mod codes;
mod manifests;
mod map;
mod pages;
mod purity;
mod rooms;
mod tree;
mod words;

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use self::tree::Tree;
use crate::say;

/// One breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    /// Path from the repository's root.
    pub(crate) file: String,
    /// Line from 1; 0 when the whole file is meant.
    pub(crate) line: usize,
    /// What is wrong and what to do.
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(file: impl Into<String>, line: usize, message: impl Into<String>) -> Self {
        Self { file: file.into(), line, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

/// All rules.
fn faults(tree: &Tree) -> Vec<Fault> {
    let rules = [
        arrows::check,
        manifests::check,
        rooms::check,
        codes::check,
        words::check,
        purity::check,
        map::check,
        pages::check,
    ];
    let mut faults: Vec<_> = rules.iter().flat_map(|rule| rule(tree)).collect();
    faults.sort();
    faults
}

/// Checks the repository in which this was built.
pub(crate) fn run() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tree = match Tree::of_repository(&root) {
        Ok(tree) => tree,
        Err(error) => {
            say(&format!("tidy: the files cannot be listed: {error}\n"));
            return ExitCode::from(2);
        }
    };
    let faults = faults(&tree);
    for fault in &faults {
        say(&format!("{fault}\n"));
    }
    say(&format!("tidy: {} files, {} faults\n", tree.len(), faults.len()));
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
