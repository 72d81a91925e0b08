//! What all environments are configured to, as far as it can be seen: what comparison and agreements look at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sternway_core::finding::{Finding, Place};
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};

use crate::destination::Parts;
use crate::recognise;
use crate::register::ProductionOnly;
use crate::resolve::{Content, Resolved, Value};
use crate::shape::Shape;

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
    /// Which keys were declared to hold secrets (true), or to hold none (false); of the others it is recognised.
    pub secrets: BTreeMap<String, bool>,
    /// Why it may have more keys than these, so that none is missing for sure.
    pub unseen: Option<String>,
    /// The connections that several of its keys describe together, where they were sealed; else they are put together from the values.
    pub(crate) parts: Option<Vec<Parts>>,
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
    /// Its sources cannot be read here: from a file of facts.
    Facts {
        /// Which file.
        file: String,
        /// The release that they were sealed with; `None` when they were made of sources.
        release: Option<ReleaseNumber>,
        /// Why its sources are not looked at.
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
            Self::Facts { file, release: Some(release), .. } => {
                write!(f, "the facts of release {release} in {file}")
            }
            Self::Facts { file, release: None, .. } => write!(f, "the facts in {file}"),
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
        Self { values, given: keys, faults: reads.warnings, ..Self::without(Origin::Sources) }.reading(dialects)
    }

    /// Without values.
    pub fn without(origin: Origin) -> Self {
        Self {
            values: BTreeMap::new(),
            given: BTreeSet::new(),
            origin,
            dialects: BTreeMap::new(),
            faults: Vec::new(),
            secrets: BTreeMap::new(),
            unseen: None,
            parts: None,
        }
    }

    /// The same, with the clients that read its connection strings.
    #[must_use]
    pub fn reading(self, dialects: BTreeMap<String, String>) -> Self {
        Self { dialects, ..self }
    }

    /// The same, known in another way.
    #[must_use]
    pub fn known_by(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The same, with why it may have more keys than these.
    #[must_use]
    pub fn with_unseen(self, unseen: Option<String>) -> Self {
        Self { unseen, ..self }
    }

    /// The same, with what was declared of its secrets.
    #[must_use]
    pub fn with_secrets(self, secrets: BTreeMap<String, bool>) -> Self {
        Self { secrets, ..self }
    }

    /// Whether a value is a secret: as it was declared, else by the key's name, the value's form, or how random it looks.
    pub fn is_secret(&self, key: &str, value: &Value) -> bool {
        let is_something = || value.shape() != Some(Shape::Empty);
        match (self.secrets.get(key), &value.content) {
            (Some(declared), _) => *declared && is_something(),
            (None, Content::Known(text)) => recognise::is_secret(key, text.reveal()),
            (None, Content::Sealed(sealed)) => sealed.known().secret,
            (None, Content::Unknown(_)) => false,
        }
    }

    /// The same, with what is wrong with its files.
    #[must_use]
    pub fn with_faults(self, faults: Vec<Finding>) -> Self {
        Self { faults, ..self }
    }

    /// Whether its values are known, so that one that is not there is missing.
    pub fn is_seen(&self) -> bool {
        matches!(self.origin, Origin::Sources | Origin::Sealed { .. } | Origin::Facts { .. })
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
