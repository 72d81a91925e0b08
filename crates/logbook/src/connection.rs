//! Connections: how each is set up, and a pool of those that read.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::LogbookError;

/// For how long a locked logbook is waited for.
const BUSY_LIMIT: Duration = Duration::from_secs(30);

/// How many idle reading connections are kept.
const IDLE: usize = 4;

/// A connection to an existing file; the schema is not looked at yet.
pub(crate) fn connect(path: &Path) -> Result<Connection, LogbookError> {
    set_up(path).map_err(|error| LogbookError::on_first_look(error, path))
}

fn set_up(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    let mut since = Instant::now();
    // SQLite's own busy timeout backs off to 100 ms, which starves one of two busy processes; commits here take well under 1 ms.
    connection.busy_handler(Some(move |count: i32| {
        if count == 0 {
            since = Instant::now();
        }
        thread::sleep(Duration::from_micros(100) * (count.clamp(0, 19).unsigned_abs() + 1));
        since.elapsed() < BUSY_LIMIT
    }))?;
    // The WAL is kept when the last connection closes: its blocks are part of the room for a rollback (see `reserve`).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "cache_size", -8000)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Connections that only read, each used by one thread at a time.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default() }
    }

    pub(crate) fn take(&self) -> Result<Reader<'_>, LogbookError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = if let Some(connection) = idle {
            connection
        } else {
            let connection = connect(&self.path)?;
            connection.pragma_update(None, "query_only", true)?;
            connection
        };
        Ok(Reader { connection: Some(connection), home: self })
    }
}

/// A reading connection on loan from its pool.
pub(crate) struct Reader<'p> {
    connection: Option<Connection>,
    home: &'p Readers,
}

impl Deref for Reader<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        #[expect(clippy::expect_used, reason = "taken out only when dropped")]
        self.connection.as_ref().expect("present until dropped")
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let mut idle = self.home.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // One that a panic left inside a transaction is closed instead.
        if let Some(connection) = self.connection.take()
            && idle.len() < IDLE
            && connection.is_autocommit()
        {
            idle.push(connection);
        }
    }
}
