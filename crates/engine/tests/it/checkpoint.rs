//! The checkpoint is a cache: with it and without it the fold is the same.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use sternway_core::digest::Digest;
use sternway_core::event::{Entry, Event};
use sternway_core::state::{STATE_FORMAT, State};
use sternway_core::time::Timestamp;
use sternway_engine::simulator::drive_to_the_end;
use sternway_engine::{CheckpointStands, Clock, LogbookJournal};
use sternway_logbook::{Draft, Guard, Logbook};
use tempfile::TempDir;

use crate::crash_matrix::prologue;
use crate::stories::all;

/// Two real rollouts: see `examples/bench_fold.rs`.
const ROLLOUTS: &str = include_str!("../../examples/rollouts.jsonl");

struct NoClock;

impl Clock for NoClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }

    fn pause(&self, _span: Duration) {}

    fn passed(&self) -> Duration {
        Duration::ZERO
    }
}

fn real() -> Vec<Entry> {
    // The second of them had been the fourth.
    let mut rollouts = ROLLOUTS.to_owned();
    for field in ["release", "rollout", "number"] {
        rollouts = rollouts.replace(&format!("\"{field}\":4"), &format!("\"{field}\":2"));
    }
    rollouts.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn noted(text: &str) -> Entry {
    let event = Event::Noted { text: text.to_owned() };
    Entry { seq: 0, at: Timestamp::from_millis(0), environment: None, epoch: None, by: "ann".to_owned(), event }
}

/// The real rollouts in the midst of so many other entries.
fn long(before: usize, after: usize) -> Vec<Entry> {
    let notes = |many| (0..many).map(|n| noted(&format!("note {n}")));
    let mut entries: Vec<Entry> = notes(before).chain(real()).chain(notes(after)).collect();
    for (entry, seq) in entries.iter_mut().zip(1..) {
        entry.seq = seq;
    }
    entries
}

fn plainly(entries: &[Entry]) -> State {
    let mut state = State::default();
    for entry in entries {
        state.apply(entry).unwrap();
    }
    state
}

fn append(logbook: &Logbook, entries: &[Entry]) {
    let drafts = entries.iter().map(|entry| Draft {
        at: entry.at,
        environment: entry.environment.clone(),
        epoch: entry.epoch,
        by: entry.by.clone(),
        kind: entry.event.kind().to_owned(),
        payload: serde_json::to_vec(&entry.event).unwrap(),
    });
    logbook.append(drafts.collect(), Guard::default()).unwrap();
}

fn written(entries: &[Entry]) -> (TempDir, Logbook) {
    let folder = tempfile::tempdir().unwrap();
    let logbook = Logbook::open(&folder.path().join("logbook.db")).unwrap();
    append(&logbook, entries);
    (folder, logbook)
}

fn journal(logbook: &Logbook) -> LogbookJournal {
    LogbookJournal::new(logbook.clone(), Arc::new(NoClock))
}

/// Folds as a command does, which keeps what it folded when that was much.
fn folded(logbook: &Logbook) -> State {
    journal(logbook).fold().unwrap()
}

#[test]
fn from_a_checkpoint_at_any_point_the_rest_folds_into_the_same() {
    let stories = all().into_iter().map(|(story, _)| {
        let world = prologue(&story);
        drive_to_the_end(&world).unwrap();
        world.entries()
    });
    for entries in stories.chain([long(0, 0)]) {
        let whole = plainly(&entries);
        let mut before = State::default();
        for (entry, rest) in entries.iter().zip((1..).map(|n| &entries[n..])) {
            before.apply(entry).unwrap();
            let kept = serde_json::to_vec(&before).unwrap();
            let mut state: State = serde_json::from_slice(&kept).unwrap();
            assert_eq!(state, before, "after {}", entry.seq);
            assert_eq!(serde_json::to_vec(&state).unwrap(), kept, "after {}", entry.seq);
            // Equal states go on equally: that they do is tried now and then.
            if entry.seq % 16 == 0 {
                for entry in rest {
                    state.apply(entry).unwrap();
                }
                assert_eq!(state, whole, "after {}", entry.seq);
            }
        }
    }
}

#[test]
fn what_is_passed_over_changes_nothing_wherever_the_reading_is_cut() {
    let rollouts = real().len();
    // Entries are decoded 2,048 at a time: the cut falls before, into and behind each rollout, and there may be none.
    for before in (2048 - rollouts..=2048).step_by(5).chain([0]) {
        let entries = long(before, 5);
        let (_folder, logbook) = written(&entries);
        assert_eq!(journal(&logbook).fold_from_the_first().unwrap(), plainly(&entries), "after {before} notes");
        let open = entries.iter().rposition(|entry| matches!(entry.event, Event::Closed { .. })).unwrap();
        let (_folder, logbook) = written(&entries[..open]);
        let state = journal(&logbook).fold_from_the_first().unwrap();
        assert_eq!(state, plainly(&entries[..open]), "after {before} notes, not closed");
        assert!(state.environments.values().any(|place| place.rollout.is_some()));
    }
}

#[test]
fn stories_fold_from_a_logbook_as_they_were_lived() {
    for (story, _) in all() {
        let world = prologue(&story);
        drive_to_the_end(&world).unwrap();
        let (_folder, logbook) = written(&world.entries());
        assert_eq!(folded(&logbook), plainly(&world.entries()), "{}", story.name);
    }
}

#[test]
fn an_entry_of_another_kind_than_it_says_is_not_passed_over() {
    let (_folder, logbook) = written(&long(0, 0));
    let draft = Draft {
        at: Timestamp::from_millis(0),
        environment: None,
        epoch: None,
        by: "ann".to_owned(),
        kind: "observed".to_owned(),
        payload: serde_json::to_vec(&noted("hidden").event).unwrap(),
    };
    logbook.append(vec![draft], Guard::default()).unwrap();
    let refused = journal(&logbook).fold().unwrap_err();
    assert!(format!("{refused:?}").contains("it is noted"), "{refused:?}");
}

#[test]
fn a_long_logbook_is_kept_folded_and_a_short_one_is_not() {
    let entries = long(20_000, 3);
    let (_folder, logbook) = written(&entries[..10_000]);
    folded(&logbook);
    assert_eq!(journal(&logbook).check_checkpoint().unwrap(), CheckpointStands::Absent);
    append(&logbook, &entries[10_000..20_000]);
    folded(&logbook);
    assert_eq!(journal(&logbook).check_checkpoint().unwrap(), CheckpointStands::Agrees { seq: 20_000 });
    append(&logbook, &entries[20_000..]);
    assert_eq!(folded(&logbook), plainly(&entries));
    assert_eq!(journal(&logbook).check_checkpoint().unwrap(), CheckpointStands::Agrees { seq: 20_000 });
    // A resident part that goes on folding keeps it, too.
    let resident = journal(&logbook);
    let mut state = resident.fold().unwrap();
    let head = entries.len();
    append(&logbook, &long(head + 12_000, 0)[head..head + 12_000]);
    state = resident.fold_onto(state).unwrap();
    drop(resident);
    assert_eq!(journal(&logbook).check_checkpoint().unwrap(), CheckpointStands::Agrees { seq: state.head });
    fs::remove_file(logbook.checkpoint_path()).unwrap();
    assert_eq!(folded(&logbook), state, "deleting it changes nothing");
}

#[test]
fn one_that_says_something_else_shows_and_one_of_another_format_is_not_used() {
    let entries = long(200, 3);
    let (_folder, logbook) = written(&entries);
    let truth = plainly(&entries);
    let ours = format!("state {STATE_FORMAT}, sternway {}", env!("CARGO_PKG_VERSION"));
    let mut forged = plainly(&entries[..250]);
    forged.last_rollout += 1;
    let forged = serde_json::to_vec(&forged).unwrap();
    for foreign in [format!("state {}, sternway {}", STATE_FORMAT + 1, env!("CARGO_PKG_VERSION")), "another".to_owned()]
    {
        assert!(logbook.keep_checkpoint(&foreign, 250, &forged));
        assert_eq!(folded(&logbook), truth, "{foreign}");
    }
    assert!(logbook.keep_checkpoint(&ours, 249, &forged));
    assert_eq!(folded(&logbook), truth, "it names another entry than it was folded to");
    assert!(logbook.keep_checkpoint(&ours, 250, b"{}"));
    assert_eq!(folded(&logbook), truth, "it is no state");
    assert!(logbook.keep_checkpoint(&ours, 250, &forged));
    // Who may write the owner's files can forge it, as the chain; it is the fold from the first entry that shows it.
    assert_eq!(journal(&logbook).check_checkpoint().unwrap(), CheckpointStands::Disagrees { seq: 250 });
}

/// The same entries must fold into the same state as long as the format is the same.
#[test]
fn another_fold_of_the_same_entries_is_another_format() {
    let mut folds = vec![Digest::of_json(&plainly(&long(0, 0)))];
    let entries = real();
    let open = entries.iter().rposition(|entry| matches!(entry.event, Event::Closed { .. })).unwrap();
    folds.push(Digest::of_json(&plainly(&entries[..open])));
    assert_eq!(
        (STATE_FORMAT, Digest::of_json(&folds).as_str()),
        (4, "sha256:4c645493c2cf2ebb4e0b81f598bfe8ad9cdfe010ccc87a845f778095eb2e1cef"),
        "these entries fold into another state than before: raise STATE_FORMAT (and say so in crates/core/tests/it/shape.rs)"
    );
}
