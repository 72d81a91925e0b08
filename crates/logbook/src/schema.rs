//! The tables, and the refusal of files that are not ours to open.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use crate::error::LogbookError;

/// "SWLB": marks the file as a logbook in SQLite's header.
const APPLICATION_ID: i64 = 0x5357_4c42;

/// The schema that this program writes.
pub(crate) const SCHEMA: i64 = 1;

/// The program's version as it is noted in the file.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

// `INSERT OR REPLACE` deletes without firing the trigger on DELETE: therefore the order is guarded on INSERT too.
const TABLES: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE entries (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    environment TEXT,
    epoch       INTEGER,
    \"by\"        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    payload     BLOB NOT NULL,
    hash        BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TRIGGER entries_follow BEFORE INSERT ON entries WHEN NEW.seq <> coalesce((SELECT max(seq) FROM entries), 0) + 1
BEGIN SELECT RAISE(ABORT, 'the logbook is append-only: the next entry follows the last'); END;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the logbook is append-only: entries are never changed'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the logbook is append-only: entries are never deleted'); END;
CREATE TABLE leases (
    environment TEXT PRIMARY KEY,
    epoch       INTEGER NOT NULL,
    holder      TEXT,
    until       INTEGER NOT NULL,
    ttl         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER leases_grow BEFORE UPDATE ON leases WHEN NEW.epoch < OLD.epoch OR NEW.environment <> OLD.environment
BEGIN SELECT RAISE(ABORT, 'the epoch of a lease never goes back'); END;
CREATE TRIGGER leases_remain BEFORE DELETE ON leases
BEGIN SELECT RAISE(ABORT, 'a lease is released, never deleted: its epoch must be remembered'); END;
";

/// Creates the empty file when there is none: mode 0600, which SQLite copies to the files beside it.
pub(crate) fn create_file(path: &Path) -> Result<(), LogbookError> {
    // Closing a file drops this process's POSIX locks on it, SQLite's among them: only a file that nobody here can have open yet
    // may be opened and closed.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _creating = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let failed = |what| move |source| LogbookError::Io { what, path: path.to_owned(), source };
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_file) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(failed("create the logbook")(error)),
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|f| f.sync_all()).map_err(failed("make durable the folder of"))
}

/// Fails unless there is a file.
pub(crate) fn require_file(path: &Path) -> Result<(), LogbookError> {
    match fs::metadata(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(LogbookError::NotFound { path: path.to_owned() }),
        Err(source) => Err(LogbookError::Io { what: "look at the logbook", path: path.to_owned(), source }),
    }
}

/// Makes the connection's file a logbook of this schema, or says why it cannot be one.
pub(crate) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), LogbookError> {
    // Looked at before anything is changed: a foreign file stays as it is.
    if inspect(connection, path)? == Found::Logbook && written_by(connection)?.as_deref() == Some(PROGRAM) {
        return Ok(());
    }
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(LogbookError::NotALogbook {
            path: path.to_owned(),
            why: "its file system has no shared memory for SQLite's write-ahead log",
        });
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if inspect(&transaction, path)? == Found::Nothing {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", SCHEMA)?;
    }
    if written_by(&transaction)?.as_deref() != Some(PROGRAM) {
        transaction.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('written_by', ?1)", [PROGRAM])?;
    }
    transaction.commit()?;
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Logbook,
}

fn inspect(connection: &Connection, path: &Path) -> Result<Found, LogbookError> {
    let not_ours = |why| LogbookError::NotALogbook { path: path.to_owned(), why };
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let application = number("application_id").map_err(|error| LogbookError::on_first_look(error, path))?;
    let schema = number("user_version")?;
    let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, schema) {
        (0, 0) if objects == 0 => Ok(Found::Nothing),
        (APPLICATION_ID, 1..=SCHEMA) => Ok(Found::Logbook),
        (APPLICATION_ID, found) => Err(LogbookError::NewerSchema {
            path: path.to_owned(),
            found,
            known: SCHEMA,
            written_by: written_by(connection)?.unwrap_or_else(|| "of an unknown version".into()),
        }),
        _ => Err(not_ours("it is the SQLite database of another program")),
    }
}

fn written_by(connection: &Connection) -> Result<Option<String>, LogbookError> {
    let found =
        connection.query_row("SELECT value FROM meta WHERE name = 'written_by'", [], |row| row.get(0)).optional()?;
    Ok(found)
}
