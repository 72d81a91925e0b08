//! A logbook that was restored from an older copy, while host and proxy remember what came after.

use sternway_core::event::Event;
use sternway_engine::simulator::{Ending, drive_to_the_end};

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
