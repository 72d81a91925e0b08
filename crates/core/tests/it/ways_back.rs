//! Ways back when something is missing: the content of what failed, or a release that starts.

use sternway_core::event::{Event, Outcome};
use sternway_core::state::{Illegal, Next};

use crate::book::{Book, done, failed, failing_at};
use crate::releases::{Case, LEGACY, MIGRATE, Part, QUEUE, SEED, WEB};

const PARTS: [Part; 4] = [WEB, LEGACY, QUEUE, MIGRATE];

/// The second release serves; back to the first.
fn back() -> (Book, Case) {
    let mut book = Book::serving(&PARTS);
    book.seal(2, &PARTS);
    book.open(&book.case(2, &PARTS).plan());
    book.end(|_| done());
    let case = book.case(1, &PARTS);
    (book, case)
}

#[test]
fn away_from_a_release_whose_content_is_gone_by_the_same_steps() {
    let (_, mut case) = back();
    let whole = case.rollback().plan.unwrap();
    if let Some(base) = &mut case.base {
        base.content = None;
    }
    assert_eq!(case.rollback().plan.unwrap().steps, whole.steps);
}

#[test]
fn a_rollback_says_which_jobs_ran_since_and_stay() {
    let parts = [WEB, MIGRATE, SEED];
    let mut book = Book::serving(&parts);
    for number in [2, 3] {
        book.seal(number, &parts);
        let plan = book.case(number, &parts).plan();
        book.open(&plan);
        // The third fails: its job with an undo is undone, the one without stays.
        if number == 3 {
            book.end(failing_at(&plan, "bake"));
        } else {
            book.end(|_| done());
        }
    }
    let plan = book.case(1, &parts).rollback().plan.unwrap();
    let told = [
        "job `migrate` of release 2 ran and is not undone; its undo: undo migrate",
        "job `seed` of release 2 ran and is not undone; it has no undo",
        "job `seed` of release 3 ran and is not undone; it has no undo",
    ];
    assert_eq!(plan.remarks, told);
    // Once gone back to, nothing has run since.
    book.open(&plan);
    book.end(|_| done());
    book.seal(4, &parts);
    book.open(&book.case(4, &parts).plan());
    book.end(|_| done());
    let since = book.state.environment(&book.place);
    let since: Vec<u64> = since.jobs_since(&plan.candidate).map(|(release, _)| release.0).collect();
    assert_eq!(since, [4, 4]);
}

#[test]
fn a_release_needs_every_service_that_requests_or_steps_name() {
    let (_, case) = back();
    let plan = case.rollback().plan.unwrap();
    let names = |release| plan.services_of(release).iter().map(ToString::to_string).collect::<Vec<_>>();
    for of in [&plan.candidate, plan.base.as_ref().unwrap()] {
        assert_eq!(names(of), ["legacy", "queue", "web"]);
    }
}

#[test]
fn a_rollback_that_leads_nowhere_is_given_up_for_another_and_a_release_never_is() {
    let (mut book, case) = back();
    book.open(&case.rollback().plan.unwrap());
    assert_eq!(book.end(|_| failed()), Next::Wait(None));
    let rollout = book.rollout().plan.rollout;
    book.person("ann", Event::Closed { rollout, outcome: Outcome::Cancelled }).unwrap();
    assert_eq!(book.state.environment(&book.place).current.unwrap().release.number.0, 2);

    book.seal(3, &PARTS);
    book.open(&book.case(3, &PARTS).plan());
    book.drive_to("stage", sternway_core::event::Dir::Do);
    let rollout = book.rollout().plan.rollout;
    let refused = book.person("ann", Event::Closed { rollout, outcome: Outcome::Cancelled });
    assert!(matches!(refused, Err(Illegal::OutOfTurn { .. })));
}

#[test]
fn a_clock_that_was_set_back_keeps_no_way_back_waiting() {
    let (mut book, case) = back();
    book.open(&case.rollback().plan.unwrap());
    let effect = book.drive_to("start", sternway_core::event::Dir::Do);
    book.finish(&effect, failed());
    let hour = std::time::Duration::from_hours(1);
    let before = sternway_core::time::Timestamp::from_millis(book.now.as_millis() - 3_600_000);
    assert!(before.plus(hour) == book.now);
    assert!(matches!(book.state.next(&book.place, book.epoch, book.now), Next::Wait(Some(_))));
    assert!(matches!(book.state.next(&book.place, book.epoch, before), Next::Append(Event::Began { attempt: 2, .. })));
}

#[test]
fn what_was_removed_and_sealed_again_is_known_by_its_new_number() {
    let mut book = Book::serving(&[WEB]);
    book.seal(2, &[WEB]);
    let mut again = book.state.releases[&sternway_core::ids::ReleaseNumber(2)].record.clone();
    book.person("ann", Event::Removed { releases: vec![again.number], why: String::new() }).unwrap();
    again.number.0 = 3;
    book.person("ann", Event::Sealed { release: again.clone() }).unwrap();
    let known = book.state.release_by_digest(&book.place, &again.digest).unwrap();
    assert!(known.record.number.0 == 3 && !known.removed);
}
