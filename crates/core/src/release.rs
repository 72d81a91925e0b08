//! What a release is: code and effective configuration that go forward together and come back together.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use crate::time::Millis;

/// What a service is for, which decides when it changes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ServiceKind {
    /// Answers requests behind the proxy; candidate and current run side by side.
    #[default]
    Web,
    /// Works in the background without traffic; the old one is stopped and the new one started at the shift.
    Worker,
    /// Runs once to its end before the candidate starts.
    Job,
}

/// When a service counts as ready for traffic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ready {
    /// `GET` of this path on the service's port answers 200 to 399.
    Http(String),
    /// The service's port accepts a connection.
    Tcp,
    /// The process has stayed alive for this long.
    Alive(Millis),
}

/// How one service of a release is run. Part of what the release's digest covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceSpec {
    /// What it is for.
    pub kind: ServiceKind,
    /// Shell command (`sh -c`), run in the release's folder with `PORT` and `STERNWAY_RELEASE` set. It should `exec` its server.
    pub run: String,
    /// For a job: the shell command that undoes it, if there is one.
    #[serde(default)]
    pub undo: Option<String>,
    /// When it is ready.
    pub ready: Ready,
    /// How long it may take to get ready (for a job: to end).
    pub ready_within: Millis,
    /// How long it may take to stop after SIGTERM before its whole process group is killed.
    pub grace: Millis,
    /// False when two instances cannot run side by side; then requests are held during the switch.
    pub overlap: bool,
    /// A fixed port, for services that cannot take `PORT`.
    #[serde(default)]
    pub port: Option<u16>,
    /// Paths (relative to the service's folder) that live outside releases, such as uploads; see [`is_shared_file`].
    #[serde(default)]
    pub shared: Vec<String>,
}

/// Whether a shared path means a file and not a folder: its last part has an extension, as in `data/shop.sqlite`, and no `/` at its
/// end. A name that only begins with a dot has none.
pub fn is_shared_file(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    let extension = last.trim_start_matches('.').rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| !extension.is_empty())
}

/// A reference to a release: enough to find it and to see whether it is still the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseRef {
    /// Its number; 0 is what an environment served before it was adopted.
    pub number: ReleaseNumber,
    /// Its digest.
    pub digest: Digest,
}

/// What a release is made of. Its digest is [`ReleaseContent::digest`]; two with the same digest are the same release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseContent {
    /// Format of this record; now 1.
    pub format: u32,
    /// The environment that it is bound for.
    pub environment: EnvironmentName,
    /// The tree digest of each service's folder.
    pub code: BTreeMap<ServiceName, Digest>,
    /// How each service is run.
    pub services: BTreeMap<ServiceName, ServiceSpec>,
    /// Each service's effective configuration: key to keyed fingerprint. Values live in the release's own 0600 file.
    pub config: BTreeMap<ServiceName, BTreeMap<String, String>>,
    /// Where the requests of the environment go: host-and-path prefix to service.
    pub routes: BTreeMap<String, ServiceName>,
}

impl ReleaseContent {
    /// The release's identity.
    pub fn digest(&self) -> Digest {
        Digest::of_json(self)
    }

    /// The identity of the code alone.
    pub fn code_digest(&self) -> Digest {
        Digest::of_json(&self.code)
    }

    /// The identity of the configuration alone.
    pub fn config_digest(&self) -> Digest {
        Digest::of_json(&self.config)
    }
}

/// What `adopt` found serving: an address outside of Sternway's care that traffic can go back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Adopted {
    /// `host:port` of what serves today.
    pub address: String,
}

/// What the logbook knows of a sealed release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseRecord {
    /// Its number.
    pub number: ReleaseNumber,
    /// Its digest.
    pub digest: Digest,
    /// The environment that it is bound for.
    pub environment: EnvironmentName,
    /// The identity of its code.
    pub code: Digest,
    /// The identity of its configuration.
    pub config: Digest,
    /// Kind of each service.
    pub services: BTreeMap<ServiceName, ServiceKind>,
    /// Set for release 0 only.
    #[serde(default)]
    pub adopted: Option<Adopted>,
    /// Where it came from, for a person: a commit id, `from staging release 12`.
    #[serde(default)]
    pub origin: String,
}

impl ReleaseRecord {
    /// The reference to this release.
    pub fn reference(&self) -> ReleaseRef {
        ReleaseRef { number: self.number, digest: self.digest.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::is_shared_file;

    #[test]
    fn a_shared_path_with_an_extension_is_a_file_and_every_other_a_folder() {
        for file in ["shop.sqlite", "data/shop.sqlite", "config.local.json", ".env.local", "a.d/b.c"] {
            assert!(is_shared_file(file), "{file}");
        }
        for folder in
            ["uploads", "storage/uploads", "uploads.d/", "data/v1.2/", ".well-known", ".", "..", "a.d/b", "x."]
        {
            assert!(!is_shared_file(folder), "{folder}");
        }
    }
}
