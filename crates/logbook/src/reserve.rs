//! Room on the disk that is kept for the events of a rollback.
//!
//! A full disk is a classic reason to go back to the previous release, and going back appends some hundred entries. There are two lines of
//! defence, because the file system offers no single one:
//!
//! 1. Blocks are allocated to the write-ahead log beyond its end (`FALLOC_FL_KEEP_SIZE`), invisible to SQLite. Appends on a full
//!    disk then go on as if nothing were; the checkpoint into the main file fails silently and is made up for later.
//! 2. A file beside the logbook is given up when SQLite still reports a full disk (somebody removed the log, or it ran out), its
//!    room claimed for the log at once before others take it, and the append tried again. The file is made again when there is room.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

/// Size of the file that is given up.
const RESERVE: u64 = 4 << 20;

/// Blocks held by the write-ahead log. SQLite starts it over after 1,000 pages of 4 KiB, so that at least half is free at any time: room
/// for some 500 appends of two pages each.
const LOG: u64 = 8 << 20;

/// Free room that must be left over when the reserve is made (again).
const MARGIN: u64 = 8 << 20;

#[derive(Debug, Clone)]
pub(crate) struct Reserve {
    file: PathBuf,
    log: PathBuf,
}

impl Reserve {
    pub(crate) fn beside(logbook: &Path) -> Self {
        let with = |suffix: &str| {
            let mut name = logbook.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        Self { file: with("-reserve"), log: with("-wal") }
    }

    /// Whether the file was given up and not yet made again.
    pub(crate) fn is_spent(&self) -> bool {
        !fs::metadata(&self.file).is_ok_and(|file| file.len() >= RESERVE)
    }

    /// Keeps room back as far as there is some. On a disk that is too full for it the logbook still works.
    pub(crate) fn keep(&self) {
        let _best_effort = self.extend_log();
        if self.is_spent() && self.available().is_some_and(|free| free >= RESERVE + MARGIN) && self.fill().is_err() {
            let _best_effort = fs::remove_file(&self.file);
        }
    }

    /// Whether so many bytes can be had without touching any of this.
    pub(crate) fn leaves_room_for(&self, bytes: u64) -> bool {
        !self.is_spent() && self.available().is_some_and(|free| free >= bytes)
    }

    /// Gives the file's room to the log. `false` when there was nothing to give.
    pub(crate) fn give_up(&self) -> bool {
        let given = fs::remove_file(&self.file).is_ok();
        let _best_effort = self.extend_log();
        given
    }

    // SQLite keeps no lock on the log itself (they are on the main file and the -shm), so opening and closing it here drops none.
    fn extend_log(&self) -> io::Result<()> {
        let log = OpenOptions::new().write(true).open(&self.log)?;
        Ok(fallocate(&log, FallocateFlags::KEEP_SIZE, 0, LOG)?)
    }

    fn fill(&self) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&self.file)?;
        match fallocate(&file, FallocateFlags::empty(), 0, RESERVE) {
            Ok(()) => Ok(()),
            Err(rustix::io::Errno::OPNOTSUPP) => {
                io::copy(&mut io::repeat(1).take(RESERVE), &mut file)?;
                file.sync_all()
            }
            Err(error) => Err(error.into()),
        }
    }

    fn available(&self) -> Option<u64> {
        let found = statvfs(self.file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))).ok()?;
        Some(found.f_bavail.saturating_mul(found.f_frsize))
    }
}
