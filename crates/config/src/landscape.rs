//! What all environments are configured to, as far as it can be seen: what comparison and agreements look at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sternway_core::finding::{Finding, Place};
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};

use crate::register::ProductionOnly;
use crate::resolve::{Resolved, Value};

/// All environments of a project.
#[derive(Debug, Clone, Default)]
pub struct Landscape {
    /// By name.
    pub environments: BTreeMap<EnvironmentName, Environment>,
}

/// One environment.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Whether it is production-like.
    pub protected: bool,
    /// What its services are given and read.
    pub services: BTreeMap<ServiceName, Service>,
}

/// What one service is given and reads in one environment.
#[derive(Debug, Clone)]
pub struct Service {
    /// By key: variables and paths within documents.
    pub values: BTreeMap<String, Value>,
    /// The keys among them that its process is given: what a release is sealed with.
    pub given: BTreeSet<String>,
    /// How that is known.
    pub origin: Origin,
    /// Which client reads a connection string, by key, where it was declared.
    pub dialects: BTreeMap<String, String>,
    /// What is wrong with the files that it reads by itself. What it is given is said where that is resolved.
    pub faults: Vec<Finding>,
}

/// How a service's configuration is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// From its sources.
    Sources,
    /// Its sources cannot be read here: from what was sealed with the environment's last release.
    Sealed {
        /// Which one.
        release: ReleaseNumber,
        /// Why its sources cannot be read.
        why: String,
    },
    /// Neither can be read.
    Unseen {
        /// Why not.
        why: String,
    },
    /// Nothing is declared for it there.
    Undeclared,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sources => f.write_str("its sources"),
            Self::Sealed { release, .. } => write!(f, "what was sealed with release {release}"),
            Self::Unseen { .. } => f.write_str("nothing that can be read"),
            Self::Undeclared => f.write_str("nothing: no source is declared"),
        }
    }
}

impl Service {
    /// From its sources: what it is given, and what it reads by itself. Of a key that is in both, what it is given counts.
    pub fn from_sources(given: Resolved, reads: Resolved, dialects: BTreeMap<String, String>) -> Self {
        let keys = given.values.keys().cloned().collect();
        let mut values = reads.values;
        values.extend(given.values);
        Self { values, given: keys, origin: Origin::Sources, dialects, faults: reads.warnings }
    }

    /// Without values.
    pub fn without(origin: Origin) -> Self {
        Self { values: BTreeMap::new(), given: BTreeSet::new(), origin, dialects: BTreeMap::new(), faults: Vec::new() }
    }

    /// Whether its values are known, so that one that is not there is missing.
    pub fn is_seen(&self) -> bool {
        matches!(self.origin, Origin::Sources | Origin::Sealed { .. })
    }

    /// A place to point at when a key is missing: the file that holds most of the others, as a whole.
    pub fn usual_file(&self) -> Option<Place> {
        self.fullest(|_| true)
    }

    /// The same where another environment has the key: a file of the kind in which it stands there, if there is one.
    pub fn usual_file_for(&self, there: &Value) -> Option<Place> {
        let kind = |value: &Value| value.provenance.layer.split(':').next().map(ToOwned::to_owned);
        self.fullest(|value| kind(value) == kind(there)).or_else(|| self.usual_file())
    }

    fn fullest(&self, counts: impl Fn(&Value) -> bool) -> Option<Place> {
        let mut files: BTreeMap<&str, usize> = BTreeMap::new();
        for value in self.values.values().filter(|value| counts(value)) {
            *files.entry(&value.provenance.file).or_default() += 1;
        }
        let (file, _) = files.into_iter().max_by_key(|(_, count)| *count)?;
        Some(Place { file: file.to_owned(), line: 0, column: 0 })
    }
}

/// What was looked at, and what was found. A result without effective checks is never silent.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What was found.
    pub findings: Vec<Finding>,
    /// What was compared, in words, each with how often.
    pub checked: BTreeMap<&'static str, usize>,
    /// What could not be told, and why: never taken for equal.
    pub unknown: Vec<String>,
    /// Values that only a protected environment has; each has its finding among the others.
    pub production_only: Vec<ProductionOnly>,
    /// Keys that an environment lacks; each has its finding among the others.
    pub missing: Vec<Missing>,
}

/// A key that an environment lacks, though others have it or its code reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Which environment.
    pub environment: EnvironmentName,
    /// Whose.
    pub service: ServiceName,
    /// The key.
    pub key: String,
    /// What is said of it.
    pub finding: Finding,
}

impl Report {
    /// Counts something that was compared.
    pub fn count(&mut self, what: &'static str, by: usize) {
        *self.checked.entry(what).or_default() += by;
    }

    /// Adds another's.
    pub fn extend(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.unknown.extend(other.unknown);
        self.production_only.extend(other.production_only);
        self.missing.extend(other.missing);
        for (what, by) in other.checked {
            self.count(what, by);
        }
    }

    /// How much was compared in all.
    pub fn effective(&self) -> usize {
        self.checked.values().sum()
    }
}
