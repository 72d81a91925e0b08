//! The content-addressed store of releases: import, seal, verify, stage, remove.
//!
//! Layout under its root, which only its owner may enter:
//!
//! - `store.json`: the format of what is here;
//! - `objects/ab/cdef...`: contents of files by SHA-256, each stored once, read-only;
//! - `trees/<digest>.json`: what a service's folder contains;
//! - `releases/<digest>/`: `content.json`, `values.json` (mode 0600, the configuration's values), `sealed.json` (the digest
//!   of `values.json`, so that damage shows) and `facts.json` (what can be told of the values without them);
//! - `tmp/`: work under way; what a crash leaves there is removed when the store is next opened;
//! - `lock`: shared by who adds or reads, exclusive for who removes. It is a lock of the kernel (flock), so it dies with its process.
//!
//! What is in `objects`, `trees` and `releases` is complete and durable: it is written elsewhere, synced, and renamed into place.
//! Objects come before the tree that names them, trees before the release.

mod error;
mod files;
mod ignore;
mod import;
mod names;
mod objects;
mod parallel;
mod remove;
mod seal;
mod shared;
mod stage;
mod temp;
mod tree;
mod unpack;
mod verify;
mod walk;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sternway_core::digest::Digest;
use sternway_core::ids::ServiceName;
use sternway_core::release::ReleaseContent;

pub use crate::error::{Damage, StoreError};
pub use crate::ignore::IGNORE_FILE;
pub use crate::temp::TempFolder;

use crate::error::Context as _;
use crate::objects::Objects;

/// Configuration values by service, secrets among them: never printed, never logged.
pub type Values = BTreeMap<ServiceName, BTreeMap<String, String>>;

/// The newest format of the store that is known here.
const FORMAT: u32 = 1;

/// How long an imported folder that no release uses yet is kept: the time between import and seal, with room to spare.
const GRACE: Duration = Duration::from_hours(1);

/// The version that writes, for a person who looks at a file.
pub(crate) const WRITTEN_BY: &str = concat!("sternway ", env!("CARGO_PKG_VERSION"));

/// The store.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
    grace: Duration,
}

#[derive(Debug, Serialize, Deserialize)]
struct About {
    format: u32,
    written_by: String,
}

impl Store {
    /// Opens the store at this folder, making it when it is not there. Removes what crashed processes left behind.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let root = std::path::absolute(root).on("find", root)?;
        let store = Self { root, grace: GRACE };
        for folder in [store.root.clone(), store.objects().folder(), store.trees(), store.releases(), store.temp()] {
            files::make_private(&folder)?;
        }
        store.check_format()?;
        TempFolder::sweep(&store.temp(), OsStr::new(""))?;
        Ok(store)
    }

    /// The same store with another span for which an imported folder that no release uses is kept; an hour by default.
    #[must_use]
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Takes a folder's files in; unchanged ones are shared with what is there. Answers with the tree's digest.
    ///
    /// `excludes` are gitignore patterns, to which the folder's own `.sternwayignore` is added; `.gitignore` is never read.
    /// `shared` are paths that live outside of releases. Permission bits are kept (0o777), set-user-ID and the like are not;
    /// links are kept as they are; owners and times do not matter. Sockets, pipes and devices are refused.
    pub fn import(&self, folder: &Path, excludes: &[String], shared: &[String]) -> Result<Imported, StoreError> {
        import::import(self, folder, excludes, shared)
    }

    /// A new empty folder, for work that nothing needs afterwards.
    pub fn temporary_folder(&self) -> Result<TempFolder, StoreError> {
        TempFolder::make(&self.temp(), OsStr::new("work-"))
    }

    /// Unpacks an imported folder to a new folder `into`, writable: a clean copy, for a build to run in.
    pub fn unpack(&self, tree: &Digest, into: &Path) -> Result<(), StoreError> {
        stage::copy(self, tree, into)
    }

    /// Seals a release: content and values, durable and atomic. Sealing the same twice changes nothing. Every folder that it
    /// names must have been imported, and its configuration's keys must be those of the values.
    pub fn seal(&self, content: &ReleaseContent, values: &Values) -> Result<Digest, StoreError> {
        seal::seal(self, content, values, None)
    }

    /// The same with what can be told of the values without them, for whom [`Self::facts`] answers; opaque here. They are no part of what
    /// the release is: sealed once more with others, it has those.
    pub fn seal_with_facts(
        &self,
        content: &ReleaseContent,
        values: &Values,
        facts: &serde_json::Value,
    ) -> Result<Digest, StoreError> {
        seal::seal(self, content, values, Some(facts))
    }

    /// The sealed releases, in no particular order.
    pub fn list(&self) -> Result<Vec<Digest>, StoreError> {
        seal::list(self)
    }

    /// A sealed release's content, its digest checked.
    pub fn content(&self, release: &Digest) -> Result<ReleaseContent, StoreError> {
        seal::content(self, release)
    }

    /// A sealed release's configuration values.
    pub fn values(&self, release: &Digest) -> Result<Values, StoreError> {
        seal::values(self, release)
    }

    /// What can be told of a sealed release's values without them; `None` when it was sealed without.
    pub fn facts(&self, release: &Digest) -> Result<Option<serde_json::Value>, StoreError> {
        seal::facts(self, release)
    }

    /// Reads every object of a release against its digest. Answers with the number of bytes read.
    pub fn verify(&self, release: &Digest) -> Result<u64, StoreError> {
        verify::verify(self, release)
    }

    /// Reads a staged copy of a release, at `folder`, against what was sealed: one whose objects are damaged may still be whole where it
    /// is staged. The release's own records and trees must be. Answers with the number of bytes read.
    pub fn verify_staged(&self, release: &Digest, folder: &Path) -> Result<u64, StoreError> {
        verify::verify_staged(self, release, folder)
    }

    /// The number of bytes and files that staging a release writes.
    pub fn size(&self, release: &Digest) -> Result<Size, StoreError> {
        verify::size(self, release)
    }

    /// Unpacks a release to `into/<service>/...`: complete or not at all (unpacked beside it, synced, renamed). `shared` is the
    /// folder under which each service's shared paths live, `shared/<service>/<path>`; they are linked in, and made as folders
    /// when nothing is there yet.
    ///
    /// `into/release.json` names the release. When `into` has this release already it is left as it is; when it has another, that is
    /// replaced in one step; a folder that holds anything else is in the way and not touched.
    pub fn stage(&self, release: &Digest, into: &Path, shared: &Path) -> Result<(), StoreError> {
        stage::stage(self, release, into, shared)
    }

    /// Removes sealed releases and the trees and objects that no other uses. What is not there is fine. Answers with the number of
    /// bytes freed.
    pub fn remove(&self, releases: &[Digest]) -> Result<u64, StoreError> {
        remove::remove(self, releases)
    }

    fn objects(&self) -> Objects {
        Objects::new(self.root.join("objects"))
    }

    fn trees(&self) -> PathBuf {
        self.root.join("trees")
    }

    fn tree_file(&self, tree: &Digest) -> PathBuf {
        self.trees().join(format!("{}.json", tree.hex()))
    }

    fn releases(&self) -> PathBuf {
        self.root.join("releases")
    }

    fn release_folder(&self, release: &Digest) -> PathBuf {
        self.releases().join(release.hex())
    }

    fn temp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// Held while adding or reading: nothing is removed meanwhile.
    fn lock_shared(&self) -> Result<File, StoreError> {
        let (path, file) = self.lock_file()?;
        file.lock_shared().on("lock", &path)?;
        Ok(file)
    }

    /// Held while removing: nobody adds or reads meanwhile.
    fn lock_exclusive(&self) -> Result<File, StoreError> {
        let (path, file) = self.lock_file()?;
        file.lock().on("lock", &path)?;
        Ok(file)
    }

    fn lock_file(&self) -> Result<(PathBuf, File), StoreError> {
        let path = self.root.join("lock");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.on("open", &path)?;
        Ok((path, file))
    }

    fn check_format(&self) -> Result<(), StoreError> {
        let path = self.root.join("store.json");
        if !files::exists(&path)? {
            let about = About { format: FORMAT, written_by: WRITTEN_BY.to_owned() };
            let temp = TempFolder::make(&self.temp(), OsStr::new("about-"))?;
            let new = temp.path().join("store.json");
            files::write_new(&new, &to_json(&about, &path)?, 0o600)?;
            std::fs::rename(&new, &path).on("write", &path)?;
            files::sync_folder(&self.root)?;
            return Ok(());
        }
        let known: tree::Version =
            serde_json::from_slice(&files::read(&path)?).map_err(std::io::Error::from).on("read", &path)?;
        if known.format > FORMAT {
            return Err(StoreError::Newer { path, format: known.format, known: FORMAT });
        }
        Ok(())
    }
}

/// JSON that is about to be written to `path`.
pub(crate) fn to_json<T: Serialize>(value: &T, path: &Path) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(std::io::Error::from).on("write", path)
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
    /// Symbolic links that point outside of the folder, by path: kept as they are, but what they point to is not part of the
    /// release.
    pub outside: Vec<String>,
}

/// What staging needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Bytes on disk: each file, folder and link rounded up to 4096.
    pub bytes: u64,
    /// Files, folders and links.
    pub inodes: u64,
}
