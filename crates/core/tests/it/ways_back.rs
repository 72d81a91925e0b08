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

#[test]
fn only_what_runs_the_release_or_asks_it_is_the_releases_fault() {
    for (step, bad) in [
        ("stage", false),
        ("shift 10%", false),
        ("switch", false),
        ("job migrate", true),
        ("start", true),
        ("smoke", true),
        ("verify 50%", true),
        ("workers", true),
        ("bake", true),
    ] {
        let parts = [WEB, QUEUE, MIGRATE];
        let mut book = Book::serving(&parts);
        book.seal(2, &parts);
        let plan = book.case(2, &parts).plan();
        book.open(&plan);
        assert_eq!(book.end(failing_at(&plan, step)), Next::Rest, "{step}");
        let place = book.state.environment(&book.place);
        assert_eq!(place.history.last().unwrap().outcome, Outcome::RolledBack, "{step}");
        assert_eq!(place.bad.contains_key(&plan.candidate.digest), bad, "marked bad by `{step}`");
    }
}

/// The second release is about to go out, and the look at what serves finds that the way back is gone.
fn without_a_way_back(result: fn() -> sternway_core::event::StepResult) -> Book {
    let mut book = Book::serving(&PARTS);
    book.seal(2, &PARTS);
    let plan = book.case(2, &PARTS).plan();
    book.open(&plan);
    let index = plan.steps.iter().position(|step| step.name == "baseline").unwrap();
    let next = book.end(|effect| if usize::from(effect.step) == index { result() } else { done() });
    assert_eq!(next, Next::Wait(None));
    let open = book.rollout();
    assert!(open.hold.as_ref().unwrap().why.contains("the way back that the plan promises"), "{:?}", open.hold);
    assert!(open.unwinding.is_none() && !open.steps[index + 1].forward.has_begun());
    assert_eq!(open.serving_in_words(), "release 1 serves");
    book
}

#[test]
fn a_way_back_that_is_gone_when_it_starts_is_held_before_anything_is_begun() {
    for result in [failed, crate::book::unknown] {
        let rollout = |book: &Book| book.rollout().plan.rollout;
        let say = |book: &mut Book, choice| {
            let resumed = Event::Resumed { rollout: rollout(book), choice, reason: String::new() };
            book.person("ann", resumed).unwrap();
        };
        // Mended, it is looked at again and goes out; accepted, it goes out as it is.
        for choice in [sternway_core::event::Choice::Continue, sternway_core::event::Choice::Accept] {
            let mut book = without_a_way_back(result);
            say(&mut book, choice);
            assert_eq!(book.end(|_| done()), Next::Rest);
            assert_eq!(book.state.environment(&book.place).current.unwrap().release.number.0, 2);
        }
        let mut book = without_a_way_back(result);
        say(&mut book, sternway_core::event::Choice::RollBack);
        assert_eq!(book.end(|_| done()), Next::Rest);
        let place = book.state.environment(&book.place);
        assert_eq!(place.history.last().unwrap().outcome, Outcome::RolledBack);
        assert!(result() != failed() || place.bad.is_empty(), "the release was never tried");
    }
}

#[test]
fn what_has_the_traffic_and_was_seen_not_to_serve_is_not_said_to_serve() {
    let (mut book, case) = back();
    book.open(&case.rollback().plan.unwrap());
    let confirm = book.rollout().plan.steps.iter().position(|step| step.name == "confirm").unwrap();
    let next = book.end(|effect| if usize::from(effect.step) == confirm { failed() } else { done() });
    assert_eq!(next, Next::Wait(None));
    assert_eq!(book.rollout().serving_in_words(), "release 1 has all traffic and does not serve: it broke");
    // So is a base to which a failed release went back.
    let mut book = Book::serving(&[WEB]);
    book.seal(2, &[WEB]);
    let plan = book.case(2, &[WEB]).plan();
    book.open(&plan);
    let bake = failing_at(&plan, "bake");
    let baseline = plan.steps.iter().position(|step| step.name == "baseline").unwrap();
    let undone = |effect: &sternway_core::state::Effect| {
        let confirms = effect.dir == sternway_core::event::Dir::Undo && usize::from(effect.step) == baseline;
        if confirms { failed() } else { bake(effect) }
    };
    assert_eq!(book.end(undone), Next::Wait(None));
    assert_eq!(book.rollout().serving_in_words(), "release 1 has all traffic and does not serve: it broke");
}
