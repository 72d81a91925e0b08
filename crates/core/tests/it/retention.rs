//! What is kept, whatever the history.

use proptest::prelude::*;
use sternway_core::event::{Event, Outcome};
use sternway_core::ids::ReleaseNumber;
use sternway_core::planner::retention;

use crate::book::{Book, done, failing_at, unknown};
use crate::releases::{MIGRATE, Part, WEB};

const PARTS: [Part; 2] = [WEB, MIGRATE];

/// One thing in an environment's life.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// Ship a new release, which holds.
    Good,
    /// Ship one which fails.
    Bad,
    /// Ship one about which nothing is learned.
    Unknown,
    /// Seal one and leave it.
    Seal,
    /// Go back by hand to the latest way back; the one that is left is marked bad.
    Back,
    /// Remove what may be removed.
    Remove(u32),
    /// Open a rollout, remove what may be removed while it is open, and let it end.
    RemoveMeanwhile(u32),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => Just(Deed::Good),
        3 => Just(Deed::Bad),
        1 => Just(Deed::Unknown),
        1 => Just(Deed::Seal),
        2 => Just(Deed::Back),
        2 => (0_u32..4).prop_map(Deed::Remove),
        1 => (0_u32..4).prop_map(Deed::RemoveMeanwhile),
    ]
}

fn ways(book: &Book) -> Vec<ReleaseNumber> {
    let place = book.state.environment(&book.place);
    place.ways_back(&book.state.releases).iter().map(|way| way.release.number).collect()
}

/// Removes, and holds what is left against what must be.
fn remove(book: &mut Book, keep: u32) {
    let (ways, place) = (ways(book), book.state.environment(&book.place));
    let going = retention(&book.state, &book.place, keep);
    let must: Vec<ReleaseNumber> = ways.iter().copied().take(usize::try_from(keep.max(1)).unwrap()).collect();
    for number in &going.remove {
        assert!(!place.needs(*number), "release {number} is needed");
        assert!(!must.contains(number), "release {number} is among the {keep} ways back {ways:?}");
        assert!(!book.state.releases[number].removed, "release {number} was removed before");
    }
    let last_failed = place.history.iter().rev().find(|past| past.outcome == Outcome::RolledBack);
    assert!(last_failed.is_none_or(|past| !going.remove.contains(&past.candidate.number)), "the last failed one went");
    assert!(!going.remove.contains(&ReleaseNumber(book.state.next_release().0 - 1)), "one that is about to be opened");
    if !going.remove.is_empty() {
        book.person("serve", Event::Removed { releases: going.remove, why: going.why }).unwrap();
    }
    let left = self::ways(book);
    assert_eq!(left, ways.into_iter().take(left.len()).collect::<Vec<_>>(), "the older ones go first");
    assert!(left.len() >= must.len());
    let again = retention(&book.state, &book.place, keep);
    assert!(again.remove.is_empty(), "what is left stays: {again:?}");
    // It does not grow for ever: what serves, the ways back, two that failed, the newest, and a rollout's own.
    let kept = book.state.releases.values().filter(|release| !release.removed).count();
    assert!(kept <= usize::try_from(keep.max(1)).unwrap() + 6, "{kept} are kept");
}

/// The next release: sealed, and its plan opened.
fn open(book: &mut Book) -> sternway_core::plan::Plan {
    let number = book.state.next_release().0;
    book.seal(number, &PARTS);
    let plan = book.case(number, &PARTS).plan();
    book.open(&plan);
    plan
}

fn back(book: &mut Book) {
    let place = book.state.environment(&book.place);
    let (Some(way), Some(current)) = (ways(book).first().copied(), place.current) else { return };
    book.person("ann", Event::MarkedBad { release: current.release, why: "by hand".to_owned() }).unwrap();
    let plan = book.case(way.0, &PARTS).rollback().plan.unwrap();
    book.open(&plan);
    remove(book, 1);
    book.end(|_| done());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_serves_its_ways_back_and_what_a_rollout_needs_are_kept(deeds in proptest::collection::vec(deed(), 1..30)) {
        let mut book = Book::new();
        for deed in deeds {
            match deed {
                Deed::Good => {
                    open(&mut book);
                    book.end(|_| done());
                }
                Deed::Bad => {
                    let plan = open(&mut book);
                    book.end(failing_at(&plan, "bake"));
                }
                Deed::Unknown => {
                    let plan = open(&mut book);
                    let bake = plan.steps.iter().position(|step| step.name == "bake");
                    book.end(|effect| if Some(usize::from(effect.step)) == bake { unknown() } else { done() });
                }
                Deed::Seal => {
                    let number = book.state.next_release().0;
                    book.seal(number, &PARTS);
                }
                Deed::Back => back(&mut book),
                Deed::Remove(keep) => remove(&mut book, keep),
                Deed::RemoveMeanwhile(keep) => {
                    open(&mut book);
                    book.decide();
                    remove(&mut book, keep);
                    book.end(|_| done());
                }
            }
        }
    }
}

#[test]
fn failed_ones_never_evict_good_ones_however_many_fail() {
    let mut book = Book::new();
    for _ in 0..3 {
        open(&mut book);
        book.end(|_| done());
    }
    for _ in 0..30 {
        let plan = open(&mut book);
        book.end(failing_at(&plan, "smoke"));
        remove(&mut book, 2);
    }
    assert_eq!(ways(&book), [ReleaseNumber(2), ReleaseNumber(1)]);
}

#[test]
fn one_that_was_just_sealed_is_kept_whatever_another_environment_seals() {
    let mut book = Book::serving(&PARTS);
    book.seal(2, &PARTS);
    let staging = sternway_core::ids::EnvironmentName::new("staging").unwrap();
    let other = crate::releases::release_in(&staging, 3, &PARTS).record;
    book.person("bob", Event::Sealed { release: other }).unwrap();
    assert!(retention(&book.state, &book.place, 1).remove.is_empty());
    assert!(retention(&book.state, &staging, 1).remove.is_empty());
}

#[test]
fn one_content_under_two_numbers_is_not_removed_under_the_old_one() {
    let mut book = Book::serving(&PARTS);
    for _ in 0..3 {
        open(&mut book);
        book.end(|_| done());
    }
    let mut again = crate::releases::release(1, &PARTS).record;
    again.number = book.state.next_release();
    book.person("ann", Event::Sealed { release: again }).unwrap();
    assert!(!retention(&book.state, &book.place, 1).remove.contains(&ReleaseNumber(1)));
}
