//! What can go wrong with the file itself.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_WRITE};

/// The logbook cannot be used, or not now.
#[derive(Debug, thiserror::Error)]
pub enum LogbookError {
    /// It does not exist and was not to be created.
    #[error("there is no logbook at {}", path.display())]
    NotFound {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file is something else. It was not touched.
    #[error("{} is not a Sternway logbook: {why}", path.display())]
    NotALogbook {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        why: &'static str,
    },
    /// A later version of the program wrote it. It was not touched.
    #[error(
        "{} has schema {found}, written by sternway {written_by}; this sternway knows schemas up to {known}: use that version or a later one",
        path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The last schema that this program knows.
        known: i64,
        /// The version that wrote it.
        written_by: String,
    },
    /// Others held it locked for longer than the limit.
    #[error("other processes kept the logbook locked for too long")]
    Busy,
    /// The disk is full, the room kept back included. Nothing was written.
    #[error("the disk has no room left for the logbook")]
    Full(#[source] rusqlite::Error),
    /// The file is damaged below the level of entries.
    #[error("the logbook's file is damaged: {detail}")]
    Damaged {
        /// In which way.
        detail: String,
    },
    /// The system refused something.
    #[error("cannot {what} {}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Anything else that SQLite says.
    #[error("the logbook's database failed")]
    Sqlite(#[source] rusqlite::Error),
    /// The writer's thread has ended; open the logbook again.
    #[error("the logbook's writer has stopped")]
    Stopped,
}

impl LogbookError {
    /// What an error of the first statements on a file says about the file.
    pub(crate) fn on_first_look(error: rusqlite::Error, path: &Path) -> Self {
        if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
            return Self::NotALogbook { path: path.to_owned(), why: "it is not an SQLite database" };
        }
        error.into()
    }
}

impl From<rusqlite::Error> for LogbookError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error() {
            // A quota shows as a failed write, a full disk under the shared index as SHMSIZE.
            Some(e)
                if e.code == ErrorCode::DiskFull
                    || e.extended_code == SQLITE_IOERR_SHMSIZE
                    || e.extended_code == SQLITE_IOERR_WRITE =>
            {
                Self::Full(error)
            }
            Some(e) if matches!(e.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(e) if matches!(e.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { detail: error.to_string() }
            }
            _ => Self::Sqlite(error),
        }
    }
}
