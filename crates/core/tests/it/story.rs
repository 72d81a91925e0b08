//! A complete recorded story, folded: something is adopted, a first release holds, a second fails late, a third needs approvals,
//! is held, holds, and is taken back by hand; a fourth resolves what was open.

use sternway_core::event::Entry;
use sternway_core::state::State;

const STORY: &str = include_str!("fixtures/story-v1.jsonl");

#[test]
fn the_recorded_story_folds_to_what_it_always_did() {
    let mut state = State::default();
    for line in STORY.lines() {
        let entry: Entry = serde_json::from_str(line).unwrap();
        state.apply(&entry).unwrap_or_else(|illegal| panic!("entry {}: {illegal}", entry.seq));
    }
    insta::assert_debug_snapshot!(state);
}

#[test]
fn any_part_of_it_from_the_start_folds_and_a_torn_one_does_not_go_on() {
    let entries: Vec<Entry> = STORY.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut state = State::default();
    for (entry, next) in entries.iter().zip(entries.iter().skip(1)) {
        state.apply(entry).unwrap();
        // What a rollout does cannot be said twice.
        let once = ["sealed", "adopted", "opened", "began", "finished", "unwound", "closed", "incident_opened"];
        if once.contains(&entry.event.kind()) {
            assert!(state.clone().apply(entry).is_err(), "{entry:?} was taken twice");
        }
        assert!(state.clone().apply(next).is_ok());
    }
}
