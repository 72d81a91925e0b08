//! Guards, groups, and what one append may do to another.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use sternway_logbook::{AppendError, Guard, Logbook, LogbookError};

use crate::support::{at, draft, note, place, production, shell};

fn expecting(head: u64) -> Guard {
    Guard { expected_head: Some(head), lease: None }
}

#[test]
fn what_was_appended_is_read_back_by_another_handle() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    let mut bare = draft("nobody", "bare");
    (bare.environment, bare.epoch, bare.at) = (None, None, at(-2_000_000_000));
    bare.payload = vec![0, 255, 128];
    let written = logbook.append(vec![draft("zoë", "a"), bare, draft("", "c")], Guard::default()).unwrap();

    let other = Logbook::open(&path).unwrap();
    assert_eq!(other.read(0, 100).unwrap(), written);
    assert_eq!(other.read(1, 1).unwrap(), written[1..2]);
    assert_eq!(other.read(3, 100).unwrap(), []);
    assert_eq!(other.head().unwrap(), Some(written[2].head()));
    let mut seen = Vec::new();
    other
        .replay(
            |record| Ok::<_, sternway_logbook::VerifyError>(record.to_record()?),
            |record| {
                seen.push(record.clone());
                Ok(())
            },
        )
        .unwrap();
    assert_eq!(seen, written);
}

#[test]
fn an_append_to_another_head_than_expected_is_refused() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    logbook.append(vec![draft("a", "first"), draft("a", "second")], expecting(0)).unwrap();
    let refused = logbook.append(vec![draft("a", "third")], expecting(1)).unwrap_err();
    let AppendError::Moved(moved) = refused else { panic!("{refused:?}") };
    assert_eq!((moved.expected, moved.head), (1, 2));
    assert_eq!(logbook.read(0, 10).unwrap().len(), 2);
    logbook.append(vec![draft("a", "third")], expecting(2)).unwrap();
}

#[test]
fn of_many_that_expect_the_same_head_exactly_one_appends() {
    let (_folder, path) = place();
    let logbooks = [Logbook::open(&path).unwrap(), Logbook::open(&path).unwrap()];
    for round in 0..20 {
        let start = Barrier::new(8);
        let winners: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|n| {
                    let (logbook, start) = (&logbooks[n % 2], &start);
                    scope.spawn(move || {
                        start.wait();
                        match logbook.append(vec![draft("racer", "won")], expecting(round)) {
                            Ok(_) => 1,
                            Err(AppendError::Moved(_)) => 0,
                            Err(error) => panic!("{error:?}"),
                        }
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(winners, 1);
    }
    assert_eq!(logbooks[0].verify(&[]).unwrap().count, 20);
}

#[test]
fn an_append_under_a_lost_lease_is_refused() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    let ttl = Duration::from_secs(10);
    let old = logbook.acquire(&production(), "old", ttl, at(0)).unwrap().token;
    let guard = |token| Guard { expected_head: None, lease: Some(token) };
    logbook.append(vec![draft("old", "mine")], guard(old.clone())).unwrap();

    let new = logbook.acquire(&production(), "new", ttl, at(11)).unwrap().token;
    let refused = logbook.append(vec![draft("old", "late")], guard(old)).unwrap_err();
    let AppendError::Fenced(fenced) = refused else { panic!("{refused:?}") };
    assert_eq!((fenced.holder.as_deref(), fenced.epoch), (Some("new"), new.epoch));

    logbook.append(vec![draft("new", "mine now")], guard(new.clone())).unwrap();
    assert!(logbook.release(&new).unwrap());
    let refused = logbook.append(vec![draft("new", "after release")], guard(new)).unwrap_err();
    assert!(matches!(refused, AppendError::Fenced(fenced) if fenced.holder.is_none()));
    assert_eq!(logbook.head().unwrap().unwrap().seq, 2);
}

#[test]
fn a_refused_or_failing_append_does_no_harm_to_others_in_its_group() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    note(&logbook, "first");
    // Stands for any error that SQLite reports in the middle of a shared transaction.
    shell(&path)
        .execute_batch(
            "CREATE TRIGGER poison BEFORE INSERT ON entries WHEN NEW.kind = 'poison' BEGIN SELECT RAISE(ABORT, 'poison'); END",
        )
        .unwrap();
    let appended: BTreeSet<u64> = thread::scope(|scope| {
        let threads: Vec<_> = (0..24)
            .map(|n| {
                let logbook = &logbook;
                scope.spawn(move || {
                    let mut places = Vec::new();
                    for _ in 0..20 {
                        let mut drafts = vec![draft("a", "1"), draft("a", "2")];
                        match n % 3 {
                            0 => assert!(matches!(logbook.append(drafts, expecting(0)), Err(AppendError::Moved(_)))),
                            1 => {
                                drafts[1].kind = "poison".into();
                                let failed = logbook.append(drafts, Guard::default());
                                assert!(matches!(failed, Err(AppendError::Logbook(LogbookError::Sqlite(_)))));
                            }
                            _ => {
                                let records = logbook.append(drafts, Guard::default()).unwrap();
                                assert_eq!(records[1].seq, records[0].seq + 1);
                                places.extend(records.iter().map(|record| record.seq));
                            }
                        }
                    }
                    places
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(appended, (2..=1 + 8 * 20 * 2).collect());
    assert_eq!(logbook.verify(&[]).unwrap().count, 1 + 8 * 20 * 2);
}

#[test]
fn a_reader_may_append_while_it_reads_and_sees_one_moment() {
    let (_folder, path) = place();
    let logbook = Logbook::open(&path).unwrap();
    note(&logbook, "a");
    note(&logbook, "b");
    let mut seen = 0;
    logbook
        .for_each(0, |_| {
            seen += 1;
            note(&logbook, "more");
            Ok::<_, LogbookError>(())
        })
        .unwrap();
    assert_eq!((seen, logbook.head().unwrap().unwrap().seq), (2, 4));
}
