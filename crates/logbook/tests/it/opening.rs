//! What may be opened, and what is left alone.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use sternway_logbook::{Logbook, LogbookError};

use crate::support::{note, place, shell};

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let (_folder, path) = place();
    note(&Logbook::open(&path).unwrap(), "old");
    shell(&path)
        .execute_batch("PRAGMA user_version = 99; UPDATE meta SET value = '42.0' WHERE name = 'written_by'")
        .unwrap();
    let refused = Logbook::open(&path).unwrap_err();
    assert!(
        matches!(&refused, LogbookError::NewerSchema { found: 99, known: 1, written_by, .. } if written_by == "42.0")
    );
    assert!(refused.to_string().contains("written by sternway 42.0"), "{refused}");
    let version: i64 = shell(&path).query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[test]
fn the_file_names_the_program_that_wrote_it() {
    let (_folder, path) = place();
    drop(Logbook::open(&path).unwrap());
    let name: String =
        shell(&path).query_row("SELECT value FROM meta WHERE name = 'written_by'", [], |r| r.get(0)).unwrap();
    assert_eq!(name, env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_file_of_another_kind_is_refused_and_left_alone() {
    let (_folder, path) = place();
    let text = "this is a letter to my mother\n".repeat(100);
    fs::write(&path, &text).unwrap();
    let refused = Logbook::open(&path).unwrap_err();
    assert!(matches!(refused, LogbookError::NotALogbook { .. }), "{refused:?}");
    assert!(refused.to_string().contains("not an SQLite database"), "{refused}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn the_database_of_another_program_is_refused_and_left_alone() {
    let (_folder, path) = place();
    shell(&path).execute_batch("CREATE TABLE sessions (id)").unwrap();
    let before = fs::read(&path).unwrap();
    let refused = Logbook::open(&path).unwrap_err();
    assert!(refused.to_string().contains("another program"), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn nothing_is_created_when_only_an_existing_logbook_is_wanted() {
    let (folder, path) = place();
    assert!(matches!(Logbook::open_existing(&path), Err(LogbookError::NotFound { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let nowhere = folder.path().join("no/such/folder");
    assert!(matches!(Logbook::open(&nowhere), Err(LogbookError::Io { .. })));
}

#[test]
fn all_its_files_are_for_the_owner_alone() {
    let (folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    note(&logbook, "private");
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[test]
fn after_closing_the_main_file_alone_is_complete() {
    let (folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    let head = note(&logbook, "the last").head();
    drop(logbook);
    let copy = folder.path().join("copy.db");
    fs::copy(&path, &copy).unwrap();
    assert_eq!(Logbook::open(&copy).unwrap().head().unwrap(), Some(head));
}
