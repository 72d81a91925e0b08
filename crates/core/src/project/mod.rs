//! sternway.toml: the one project file, parsed into what the rest of the program trusts.

mod agreements;
mod checks;
mod environment;
mod formats;
mod keys;
mod parse;
mod rules;
mod schema;
mod service;
mod shape;
mod source;
mod sources;
mod suggest;
#[cfg(test)]
mod tests;
mod view;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::Check;
use crate::finding::Place;
use crate::ids::{EnvironmentName, ServiceName};
use crate::plan::{JudgeSettings, TrafficSpec};
use crate::release::ServiceSpec;
use crate::time::Millis;

pub use parse::{Parsed, parse};
pub use schema::schema;
pub use source::Problem;
pub use sources::{Keys, Lies, SOURCES, SourceKind, source_kind};

/// A project, valid: every name that is referred to exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// Its name; also the name of its state folder.
    pub name: String,
    /// The file with the findings that are accepted, relative to sternway.toml.
    pub baseline: Option<String>,
    /// What can be deployed.
    pub services: BTreeMap<ServiceName, Service>,
    /// Where to.
    pub environments: BTreeMap<EnvironmentName, Environment>,
    /// Asked as smoke tests and as monitors, in the order of the file.
    pub checks: Vec<Check>,
    /// What values must have in common, or must not, in the order of the file.
    pub agreements: Vec<Agreement>,
}

/// What values must have in common, or must not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Its name.
    pub name: String,
    /// What holds.
    pub rule: Rule,
    /// What is compared; empty: store, namespace and TLS of a connection string, else the whole value.
    pub on: Vec<Component>,
    /// Where it holds; empty: everywhere.
    pub environments: Vec<EnvironmentName>,
    /// Why.
    pub reason: Option<String>,
    /// Where it is declared.
    pub place: Place,
}

/// What holds of values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// They agree within each environment.
    MustAgree(Vec<ValueRef>),
    /// Each differs between environments.
    MustDiffer(Vec<ValueRef>),
    /// Nothing is reported of them.
    MayDiffer(Vec<ValueRef>),
    /// These services share their users' sessions.
    Session(Vec<ServiceName>),
}

/// A value of one service, or of all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ValueRef {
    /// Whose; None: of every service that has the key.
    pub service: Option<ServiceName>,
    /// The key.
    pub key: String,
}

/// A part of a value that can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    /// Which server or file.
    Store,
    /// Which database, virtual host or key prefix there.
    Namespace,
    /// As whom.
    Credential,
    /// Whether and how the connection is encrypted.
    Tls,
    /// The value as it is.
    Value,
}

/// A service: what a release of it contains and how it is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// Its folder, relative to sternway.toml.
    pub path: String,
    /// Shell command that is run in a clean copy of the folder before it is sealed.
    pub build: Option<String>,
    /// At most this long for `build`.
    pub build_within: Millis,
    /// Patterns (gitignore syntax) that are left out, beside those in `.sternwayignore`.
    pub exclude: Vec<String>,
    /// How it is run.
    pub spec: ServiceSpec,
    /// Which client reads a connection string, by key, where that cannot be told.
    pub connections: BTreeMap<String, String>,
    /// Keys whose values are secrets, whatever they look like.
    #[serde(default)]
    pub secret: Vec<String>,
    /// Keys whose values are none, whatever they look like.
    #[serde(default)]
    pub plain: Vec<String>,
    /// Where it is declared.
    pub place: Place,
}

impl Service {
    /// What was declared of its secrets: key to whether it is one.
    pub fn secrets(&self) -> BTreeMap<String, bool> {
        let all = |keys: &[String], is: bool| keys.iter().map(|key| (key.clone(), is)).collect::<Vec<_>>();
        all(&self.secret, true).into_iter().chain(all(&self.plain, false)).collect()
    }
}

/// An environment: a named place with its own configuration and protection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Whether it is production-like: needs its gates, and shows in messages as protected.
    pub protected: bool,
    /// How requests reach it.
    pub traffic: TrafficSpec,
    /// Percent of traffic at each step, ending with 100.
    pub steps: Vec<u8>,
    /// How long each step below 100 is watched at most.
    pub verify: Millis,
    /// How long the new release is watched at 100% while the old one stays warm.
    pub bake: Millis,
    /// How the candidate is judged.
    pub judge: JudgeSettings,
    /// `host:port` of what serves before the first release.
    pub adopt: Option<String>,
    /// How many approvals a plan needs.
    pub approvals: u32,
    /// How many releases are kept at least, beside every one that can be a way back.
    pub keep: u32,
    /// Configuration of each service: sources in order, later ones win.
    pub config: BTreeMap<ServiceName, Vec<ConfigSource>>,
    /// What each service reads by itself, in order, later ones win.
    pub reads: BTreeMap<ServiceName, Vec<ConfigSource>>,
    /// A file of facts, which tells of its configuration where the sources cannot be read.
    #[serde(default)]
    pub facts: Option<String>,
    /// Address of the Prometheus endpoint, if one is wanted.
    pub metrics: Option<String>,
    /// How often `serve` looks whether what runs is still consistent; `None`: never.
    pub watch: Option<Millis>,
    /// Where it is declared.
    pub place: Place,
}

/// One source of configuration values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfigSource {
    /// A file, folder, command or process of one of the kinds in [`SOURCES`].
    File {
        /// The kind's name.
        kind: String,
        /// Its path, relative to sternway.toml; for a command, the command; for a process, what names it.
        path: String,
        /// Which part of it: a service of a Compose file, a profile.
        part: Option<String>,
        /// Where it is named.
        place: Place,
    },
    /// Values in sternway.toml itself.
    Inline {
        /// Key to value.
        values: BTreeMap<String, String>,
        /// Where.
        place: Place,
    },
}
