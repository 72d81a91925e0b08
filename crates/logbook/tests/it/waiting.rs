//! Waiting for the next entry, from this process and from others.

use std::thread;
use std::time::Duration;

use sternway_logbook::Logbook;

use crate::child::spawn;
use crate::support::{note, place};

const LONG: Duration = Duration::from_mins(1);

#[test]
fn waiting_ends_when_this_process_appends() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    assert!(!logbook.wait_past(0, Duration::ZERO).unwrap());
    thread::scope(|scope| {
        let waiting = scope.spawn(|| logbook.wait_past(0, LONG).unwrap());
        note(&logbook, "here");
        assert!(waiting.join().unwrap());
    });
    assert!(logbook.wait_past(0, Duration::ZERO).unwrap());
    assert!(!logbook.wait_past(1, Duration::from_millis(25)).unwrap());
}

#[test]
fn waiting_ends_when_another_process_appends() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    let mut child = spawn("append-some", &path);
    child.line(&["ready"]).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| logbook.wait_past(0, LONG).unwrap());
        child.go();
        assert!(waiting.join().unwrap());
    });
    assert!(!logbook.read(0, 1).unwrap().is_empty());
    assert!(child.wait().success());
}
