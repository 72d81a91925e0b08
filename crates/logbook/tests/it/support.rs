//! What several tests need.

use std::path::PathBuf;

use sternway_core::ids::{EnvironmentName, Epoch};
use sternway_core::time::Timestamp;
use sternway_logbook::{Draft, Guard, Logbook, Record};
use tempfile::TempDir;

/// A folder of its own, and where the logbook is in it.
pub(crate) fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logbook.db");
    (folder, path)
}

pub(crate) fn production() -> EnvironmentName {
    EnvironmentName::new("production").unwrap()
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1000)
}

pub(crate) fn draft(by: &str, text: &str) -> Draft {
    Draft {
        at: at(0),
        environment: Some(production()),
        epoch: Some(Epoch(1)),
        by: by.into(),
        kind: "noted".into(),
        payload: format!(r#"{{"noted":{{"text":"{text}"}}}}"#).into_bytes(),
    }
}

/// Appends one entry without conditions.
pub(crate) fn note(logbook: &Logbook, text: &str) -> Record {
    logbook.append(vec![draft("test", text)], Guard::default()).unwrap().remove(0)
}

/// A careless person with an SQLite shell.
pub(crate) fn shell(path: &std::path::Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
    connection
}
