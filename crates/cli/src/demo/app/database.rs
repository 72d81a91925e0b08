//! A SQLite file that several threads and several processes use at once.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

/// The old and the new release write side by side; a writer waits for the other.
const BUSY: Duration = Duration::from_secs(5);

/// Whether a commit waits for the disk.
#[derive(Debug, Clone, Copy)]
pub(super) enum Durability {
    /// A commit survives a power cut.
    Full,
    /// A commit survives a crash of the program; a power cut may lose the last ones.
    Normal,
}

/// Connections to one file: as many as are in use at the same time, kept for the next.
pub(super) struct Database {
    path: PathBuf,
    durability: Durability,
    idle: Mutex<Vec<Connection>>,
}

impl Database {
    /// Opens the file, creates it and its tables when they are missing.
    pub(super) fn open(path: &Path, durability: Durability, schema: &str) -> rusqlite::Result<Self> {
        let database = Self { path: path.to_owned(), durability, idle: Mutex::new(Vec::new()) };
        let deadline = Instant::now() + BUSY;
        loop {
            let prepared = database.with(|connection| {
                connection.pragma_update(None, "journal_mode", "WAL")?;
                connection.execute_batch(schema)
            });
            match prepared {
                // Two processes that create the file at once: the change to WAL does not wait for the other by itself.
                Err(error) if is_busy(&error) && Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                done => return done.map(|()| database),
            }
        }
    }

    /// Runs `work` on a connection.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let result = work(&connection);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(BUSY)?;
        let synchronous = match self.durability {
            Durability::Full => "FULL",
            Durability::Normal => "NORMAL",
        };
        connection.pragma_update(None, "synchronous", synchronous)?;
        Ok(connection)
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
