//! What is kept beside the logbook is believed only when it is whole and the logbook's own.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use sternway_logbook::{Checkpoint, Logbook};

use crate::child::spawn;
use crate::support::{note, place};

fn three(path: &Path) -> Logbook {
    let logbook = Logbook::open(path).unwrap();
    for text in ["one", "two", "three"] {
        note(&logbook, text);
    }
    logbook
}

#[test]
fn what_was_kept_last_is_found_under_its_name() {
    let (_folder, path) = place();
    let logbook = three(&path);
    assert_eq!(logbook.checkpoint("v1"), None);
    assert!(logbook.keep_checkpoint("v1", 2, b"first"));
    assert!(logbook.keep_checkpoint("v1", 3, b"sec\nond"));
    assert_eq!(logbook.checkpoint("v1"), Some(Checkpoint { seq: 3, body: b"sec\nond".to_vec() }));
    assert_eq!(logbook.checkpoint("v2"), None, "another program's fold");
    assert!(!logbook.keep_checkpoint("v1", 4, b"of an entry that is not there"));
    assert!(!logbook.keep_checkpoint("v1", 0, b"of none"));
    assert_eq!(fs::metadata(logbook.checkpoint_path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn no_flipped_bit_and_no_torn_file_is_believed() {
    let (_folder, path) = place();
    let logbook = three(&path);
    assert!(logbook.keep_checkpoint("v1", 2, b"{\"a\":1}"));
    let (file, whole) = (logbook.checkpoint_path(), fs::read(logbook.checkpoint_path()).unwrap());
    for length in 0..whole.len() {
        fs::write(&file, &whole[..length]).unwrap();
        assert_eq!(logbook.checkpoint("v1"), None, "the first {length} bytes");
    }
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(&file, flipped).unwrap();
        assert_eq!(logbook.checkpoint("v1"), None, "byte {at}");
    }
    fs::write(&file, &whole).unwrap();
    assert!(logbook.checkpoint("v1").is_some());
}

#[test]
fn a_checkpoint_of_another_history_is_not_believed() {
    let (_folder, path) = place();
    let logbook = three(&path);
    assert!(logbook.keep_checkpoint("v1", 2, b"body"));
    let (_other_folder, other_path) = place();
    let other = Logbook::open(&other_path).unwrap();
    fs::copy(logbook.checkpoint_path(), other.checkpoint_path()).unwrap();
    assert_eq!(other.checkpoint("v1"), None, "a logbook that ends before it");
    for text in ["one", "other", "three"] {
        note(&other, text);
    }
    assert_eq!(other.checkpoint("v1"), None, "a logbook with another second entry");
}

#[test]
fn a_file_that_others_may_write_or_that_stands_elsewhere_is_not_believed() {
    let (folder, path) = place();
    let logbook = three(&path);
    assert!(logbook.keep_checkpoint("v1", 2, b"body"));
    let file = logbook.checkpoint_path();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o622)).unwrap();
    assert_eq!(logbook.checkpoint("v1"), None);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(logbook.checkpoint("v1").is_some());
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert_eq!(logbook.checkpoint("v1"), None);
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(logbook.checkpoint("v1"), None);
    assert!(!logbook.keep_checkpoint("v1", 2, b"body"), "and what cannot be kept is not an error");
}

/// What a child keeps: long enough to be torn.
fn body(n: usize) -> Vec<u8> {
    n.to_string().into_bytes().repeat(200_000)
}

pub(crate) fn keep_for_ever(path: &Path) {
    let logbook = Logbook::open(path).unwrap();
    for n in (1000..).cycle() {
        assert!(logbook.keep_checkpoint("v1", 2, &body(n)));
        println!("kept {n}");
    }
}

#[test]
fn one_killed_while_writing_leaves_a_whole_one() {
    let (_folder, path) = place();
    let logbook = three(&path);
    for round in 1..=8 {
        let mut child = spawn("keep-for-ever", &path);
        for _ in 0..round {
            assert!(child.line(&["kept"]).is_some());
        }
        child.kill();
        child.wait();
        let found = logbook.checkpoint("v1").expect("whole");
        let n: usize = std::str::from_utf8(&found.body[..4]).unwrap().parse().unwrap();
        assert_eq!(found.body, body(n));
    }
    // One that was killed before it renamed: its leaving is written over.
    let mut beside = logbook.checkpoint_path().into_os_string();
    beside.push(".new");
    fs::write(&beside, body(1)).unwrap();
    assert!(logbook.keep_checkpoint("v1", 3, b"short"));
    assert_eq!(logbook.checkpoint("v1").unwrap().body, b"short");
    assert!(!fs::exists(&beside).unwrap());
}
