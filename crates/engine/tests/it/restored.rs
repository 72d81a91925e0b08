//! A logbook that was restored from an older copy, while host and proxy remember what came after.

use sternway_core::event::Event;
use sternway_engine::simulator::{Ending, append, drive_to_the_end};

use crate::crash_matrix::prologue;
use crate::stories::all;

#[test]
fn a_logbook_from_an_older_copy_goes_on_and_says_so() {
    let (story, told) = all().into_iter().find(|(story, _)| story.name == "good").unwrap();
    let world = prologue(&story);
    let opened = world.entries().len();
    for life in 0..3 {
        // Each life takes a lease and moves things; then all that is forgotten.
        assert_eq!(drive_to_the_end(&world).unwrap(), told, "life {life}");
        world.restore_logbook(opened);
    }
    let ending = drive_to_the_end(&world).unwrap();
    assert_eq!(ending, Ending::Committed);
    story.consistent(&world, &ending).unwrap();
    let said = |text: &str| text.contains("restoring it from an older copy");
    assert!(world.entries().iter().any(|entry| matches!(&entry.event, Event::Noted { text } if said(text))));
}

#[test]
fn what_a_forgotten_rollout_did_is_not_taken_for_the_next_ones_doing() {
    let (story, told) = all().into_iter().find(|(story, _)| story.name == "jobs and workers, good").unwrap();
    let world = prologue(&story);
    let mut entries = world.entries();
    let opened = entries.pop().unwrap();
    assert!(matches!(opened.event, Event::Opened { .. }));
    let ran = |before: i64| world.jobs().values().all(|ran| *ran == before);
    assert!(ran(1), "by the release before");
    assert_eq!(drive_to_the_end(&world).unwrap(), told);
    assert!(ran(2));
    world.restore_logbook(entries.len());
    append(&world, vec![opened.event]).unwrap();
    assert_eq!(drive_to_the_end(&world).unwrap(), told);
    assert!(ran(3), "{:?}", world.jobs());
}
