//! Folders for work under way. Each is locked by who works in it, so that what a crash left behind is told from what is in use.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use crate::error::{Context as _, StoreError};
use crate::files;

/// A folder that is removed when this is dropped, and when its process was killed by the next that opens the store.
#[derive(Debug)]
pub struct TempFolder {
    path: PathBuf,
    _lock: File,
}

impl TempFolder {
    /// Makes `parent/<prefix><random>`, locked.
    pub(crate) fn make(parent: &Path, prefix: &OsStr) -> Result<Self, StoreError> {
        loop {
            let mut name = OsString::from(prefix);
            name.push(files::random_name()?);
            let path = parent.join(name);
            DirBuilder::new().mode(0o700).create(&path).on("make", &path)?;
            // A sweep may come between the two calls and take the new folder for a left-over: then try another.
            if let Some(lock) = lock(&path).on("lock", &path)? {
                return Ok(Self { path, _lock: lock });
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes what crashed processes left behind in `parent` under this prefix. What cannot be removed stays, and is in nobody's
    /// way: names are random.
    pub(crate) fn sweep(parent: &Path, prefix: &OsStr) -> Result<(), StoreError> {
        for entry in fs::read_dir(parent).on("read", parent)? {
            let entry = entry.on("read", parent)?;
            if entry.file_name().as_bytes().starts_with(prefix.as_bytes()) {
                let path = entry.path();
                if let Ok(Some(_lock)) = lock(&path) {
                    let _later = files::remove_folder(&path);
                }
            }
        }
        Ok(())
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next sweep.
        let _later = files::remove_folder(&self.path);
    }
}

/// The lock on this very folder; `None` when another has it or it is gone.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let gone_is_none = |error: io::Error| if error.kind() == io::ErrorKind::NotFound { Ok(None) } else { Err(error) };
    let folder = match File::open(path) {
        Ok(folder) => folder,
        Err(error) => return gone_is_none(error),
    };
    match folder.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Ok(None),
        Err(fs::TryLockError::Error(error)) => return Err(error),
    }
    let ours = folder.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(there) => Ok((there.dev() == ours.dev() && there.ino() == ours.ino()).then_some(folder)),
        Err(error) => gone_is_none(error),
    }
}
