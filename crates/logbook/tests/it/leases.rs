//! One holder at a time, and an epoch that only grows.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use sternway_core::ids::Epoch;
use sternway_logbook::{AcquireError, Guard, HeldBy, Logbook, RenewError};

use crate::child::spawn;
use crate::support::{at, draft, place, production, shell};

const TTL: Duration = Duration::from_secs(10);

fn held(logbook: &Logbook, holder: &str, seconds: i64) -> HeldBy {
    match logbook.acquire(&production(), holder, TTL, at(seconds)) {
        Err(AcquireError::HeldBy(held)) => held,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_lease_is_held_renewed_and_taken_over_when_it_runs_out() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    let environment = production();
    assert_eq!(logbook.lease(&environment).unwrap(), None);
    let first = logbook.acquire(&environment, "first", TTL, at(0)).unwrap();
    assert_eq!((first.epoch, first.until, first.took_over_from), (Epoch(1), at(10), None));
    let refused = held(&logbook, "second", 9);
    assert_eq!((refused.holder.as_str(), refused.until, refused.epoch), ("first", at(10), Epoch(1)));

    assert_eq!(logbook.renew(&first.token, TTL, at(9)).unwrap(), at(19));
    assert_eq!(held(&logbook, "second", 18).until, at(19));
    let second = logbook.acquire(&environment, "second", TTL, at(19)).unwrap();
    assert_eq!((second.epoch, second.took_over_from.as_deref()), (Epoch(2), Some("first")));

    let RenewError::Fenced(fenced) = logbook.renew(&first.token, TTL, at(19)).unwrap_err() else { panic!() };
    assert_eq!((fenced.held, fenced.epoch, fenced.holder.as_deref()), (Epoch(1), Epoch(2), Some("second")));
    assert!(!logbook.release(&first.token).unwrap(), "a lost lease cannot be given back");
    let status = logbook.lease(&environment).unwrap().unwrap();
    assert_eq!(
        (status.holder.as_deref(), status.is_held(at(28)), status.is_held(at(29))),
        (Some("second"), true, false)
    );
}

#[test]
fn a_lease_that_ran_out_unnoticed_is_renewed_by_its_holder() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    let first = logbook.acquire(&production(), "first", TTL, at(0)).unwrap();
    assert_eq!(logbook.renew(&first.token, TTL, at(50)).unwrap(), at(60));
    assert_eq!(held(&logbook, "second", 55).epoch, Epoch(1));
}

#[test]
fn a_released_lease_is_free_at_once_and_its_epoch_remembered() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    let first = logbook.acquire(&production(), "first", TTL, at(0)).unwrap();
    assert!(logbook.release(&first.token).unwrap());
    assert!(!logbook.lease(&production()).unwrap().unwrap().is_held(at(1)));
    assert!(matches!(logbook.renew(&first.token, TTL, at(1)), Err(RenewError::Fenced(_))));
    let second = logbook.acquire(&production(), "second", TTL, at(1)).unwrap();
    assert_eq!((second.epoch, second.took_over_from), (Epoch(2), None));
    // Its own again at once: its first answer got lost.
    let again = logbook.acquire(&production(), "second", TTL, at(2)).unwrap();
    assert_eq!((again.epoch, again.took_over_from), (Epoch(3), None));
    assert!(matches!(logbook.renew(&second.token, TTL, at(2)), Err(RenewError::Fenced(_))));
}

#[test]
fn environments_have_leases_of_their_own() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    logbook.acquire(&production(), "first", TTL, at(0)).unwrap();
    let staging = sternway_core::ids::EnvironmentName::new("staging").unwrap();
    assert_eq!(logbook.acquire(&staging, "second", TTL, at(0)).unwrap().epoch, Epoch(1));
}

#[test]
fn a_clock_that_goes_back_neither_lowers_the_epoch_nor_keeps_a_dead_holder_alive() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    logbook.acquire(&production(), "dead", TTL, at(1_000_000)).unwrap();
    assert_eq!(held(&logbook, "next", 0).until, at(10), "counted anew from the first look under the new clock");
    assert_eq!(held(&logbook, "next", 9).until, at(10));
    let next = logbook.acquire(&production(), "next", TTL, at(10)).unwrap();
    assert_eq!((next.epoch, next.took_over_from.as_deref()), (Epoch(2), Some("dead")));
    assert!(logbook.release(&next.token).unwrap());
    assert_eq!(logbook.acquire(&production(), "x", TTL, at(-5)).unwrap().epoch, Epoch(3));
}

#[test]
fn a_lost_table_of_leases_does_not_lower_the_epoch() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    let mut entry = draft("a", "under a late epoch");
    entry.epoch = Some(Epoch(7));
    logbook.append(vec![entry], Guard::default()).unwrap();
    assert_eq!(logbook.acquire(&production(), "a", TTL, at(0)).unwrap().epoch, Epoch(8));
    let shell = shell(&path);
    assert!(shell.execute("DELETE FROM leases", []).is_err());
    assert!(shell.execute("UPDATE leases SET epoch = 1", []).is_err());
}

#[test]
fn of_threads_that_take_over_at_once_exactly_one_wins() {
    let (_folder, path) = place();
    let logbooks = [Logbook::open(&path).unwrap(), Logbook::open(&path).unwrap()];
    for round in 1..=20 {
        let start = Barrier::new(8);
        let won: Vec<Epoch> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|n| {
                    let (logbook, start) = (&logbooks[n % 2], &start);
                    scope.spawn(move || {
                        start.wait();
                        logbook.acquire(&production(), &format!("thread {n}"), TTL, at(round * 100)).ok()
                    })
                })
                .collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap()).map(|acquired| acquired.epoch).collect()
        });
        assert_eq!(won, [Epoch(round.cast_unsigned())]);
    }
}

#[test]
fn of_processes_that_take_over_at_once_exactly_one_wins() {
    let (_folder, path) = place();
    let mut children: Vec<_> = (0..3).map(|_| spawn("acquire", &path)).collect();
    for child in &mut children {
        child.line(&["ready"]).unwrap();
    }
    for round in 1..=10 {
        children.iter_mut().for_each(crate::child::Process::go);
        let answers: Vec<String> = children.iter_mut().map(|child| child.line(&["won", "lost"]).unwrap()).collect();
        let winner = answers.iter().find_map(|answer| answer.strip_prefix("won ")).unwrap();
        assert!(winner.starts_with(&format!("{round} ")), "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| answer.starts_with("won")).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|answer| answer.ends_with(winner)), "each loser names the winner: {answers:?}");
    }
    for child in &mut children {
        assert!(child.wait().success());
    }
}
