//! Room on the disk that is given up when the disk is full, so that going back to a staged release still works then.
//!
//! What a start or a stop writes is small (`agent.json`, `spec.json`, `status.json`, a mark), but without it nothing can be started
//! or stopped in a way that survives a crash.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use rustix::fs::{FallocateFlags, fallocate};

/// Enough for a thousand small writes.
const BYTES: u64 = 4 * 1024 * 1024;

/// The reserve, a file of real blocks.
#[derive(Debug)]
pub(super) struct Room {
    path: PathBuf,
}

impl Room {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Takes the reserve, unless it is there. A disk without room for it is no error: there is no reserve then.
    pub(super) fn reserve(&self) {
        if fs::metadata(&self.path).is_ok_and(|file| file.len() >= BYTES) {
            return;
        }
        let reserved = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&self.path)
            .and_then(|file| Ok(fallocate(&file, FallocateFlags::empty(), 0, BYTES)?));
        if reserved.is_err() {
            let _gone_or_not = fs::remove_file(&self.path);
        }
    }

    /// Does it, and when the disk is full gives the reserve up and does it again.
    pub(super) fn or_give_up<T>(&self, mut write: impl FnMut() -> io::Result<T>) -> io::Result<T> {
        match write() {
            Err(error)
                if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
                    && fs::remove_file(&self.path).is_ok() =>
            {
                write()
            }
            result => result,
        }
    }
}
