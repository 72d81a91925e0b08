//! What people may say, and what a rollout makes of it.

use std::time::Duration;

use sternway_core::event::{Choice, Dir, Event, Outcome};
use sternway_core::ids::{EnvironmentName, Epoch, RolloutNumber};
use sternway_core::plan::{OnInterrupted, OnLimit, Plan, Undo};
use sternway_core::state::{Illegal, Next};

use crate::book::{Book, done, failed, failing_at, unknown};
use crate::releases::{MIGRATE, Part, WEB, release_in};

const PARTS: [Part; 2] = [WEB, MIGRATE];

/// One serves, and this plan to the second is open.
fn open(change: impl FnOnce(&mut Plan)) -> Book {
    let mut book = Book::serving(&PARTS);
    book.seal(2, &PARTS);
    let mut plan = book.case(2, &PARTS).plan();
    change(&mut plan);
    book.open(&plan);
    book
}

fn number(book: &Book) -> RolloutNumber {
    book.rollout().plan.rollout
}

fn hold(book: &mut Book) {
    let (rollout, why) = (number(book), "let us look".to_owned());
    book.person("ann", Event::Held { rollout, why, until: None }).unwrap();
}

fn resume(book: &mut Book, choice: Choice) -> Result<(), Illegal> {
    let (rollout, reason) = (number(book), String::new());
    book.person("ann", Event::Resumed { rollout, choice, reason })
}

fn outcome(book: &Book) -> Outcome {
    book.state.environment(&book.place).history.last().unwrap().outcome
}

fn is_out_of_turn(result: Result<(), Illegal>) -> bool {
    matches!(result, Err(Illegal::OutOfTurn { .. }))
}

#[test]
fn two_rollouts_at_once_are_refused() {
    let mut book = open(|_| {});
    let mut plan = book.rollout().plan.clone();
    plan.rollout.0 += 1;
    assert!(matches!(book.person("bob", Event::Opened { plan: Box::new(plan) }), Err(Illegal::RolloutOpen { .. })));
}

#[test]
fn a_plan_whose_base_moved_is_refused() {
    let mut book = open(|_| {});
    let mut plan = book.rollout().plan.clone();
    book.end(|_| done());
    book.seal(3, &PARTS);
    plan.candidate = book.case(3, &PARTS).candidate.record.reference();
    plan.rollout.0 += 1;
    assert!(matches!(book.person("bob", Event::Opened { plan: Box::new(plan) }), Err(Illegal::BaseMoved { .. })));
}

#[test]
fn a_release_of_another_environment_a_removed_one_or_one_never_sealed_is_refused() {
    let mut book = Book::serving(&PARTS);
    book.seal(2, &PARTS);
    let plan = book.case(2, &PARTS).plan();
    let staging = EnvironmentName::new("staging").unwrap();
    book.person("ann", Event::Sealed { release: release_in(&staging, 3, &PARTS).record }).unwrap();
    let mut foreign = plan.clone();
    foreign.candidate = release_in(&staging, 3, &PARTS).record.reference();
    let mut unsealed = plan.clone();
    unsealed.candidate.number.0 = 9;
    let mut other = plan.clone();
    other.candidate.digest = plan.base.clone().unwrap().digest;
    for plan in [foreign, unsealed, other] {
        let refused = book.person("ann", Event::Opened { plan: Box::new(plan) });
        assert!(matches!(refused, Err(Illegal::UnknownRelease(_))), "{refused:?}");
    }
    book.person("ann", Event::Removed { releases: vec![plan.candidate.number], why: String::new() }).unwrap();
    let refused = book.person("ann", Event::Opened { plan: Box::new(plan) });
    assert!(matches!(refused, Err(Illegal::UnknownRelease(_))));
}

#[test]
fn what_serves_and_what_a_rollout_needs_is_never_removed_and_removal_is_all_or_nothing() {
    let mut book = open(|_| {});
    book.seal(3, &PARTS);
    let plan = book.rollout().plan.clone();
    for needed in [plan.base.unwrap().number, plan.candidate.number] {
        let releases = vec![book.state.next_release(), needed];
        assert!(book.person("ann", Event::Removed { releases, why: String::new() }).is_err());
        let spare = sternway_core::ids::ReleaseNumber(3);
        // `Book::append` sees that the state is as it was: the spare one is still there.
        assert!(is_out_of_turn(
            book.person("ann", Event::Removed { releases: vec![spare, needed], why: String::new() })
        ));
    }
}

#[test]
fn nothing_is_adopted_where_something_serves_or_is_under_way() {
    let mut book = Book::new();
    book.seal(1, &PARTS);
    book.open(&book.case(1, &PARTS).plan());
    let adopt = || Event::Adopted { release: crate::releases::adopted().record };
    assert!(is_out_of_turn(book.person("ann", adopt())));
    book.end(|_| done());
    assert!(is_out_of_turn(book.person("ann", adopt())));
}

#[test]
fn a_stale_epoch_writes_nothing_whatever_it_is() {
    let mut book = open(|_| {});
    let Next::Run(effect) = book.decide() else { panic!() };
    let old = book.epoch;
    book.take_lease();
    let rollout = number(&book);
    let (step, dir) = (effect.step, effect.dir);
    let events = [
        Event::Finished { rollout, step, dir, result: done() },
        Event::Began { rollout, step, dir, attempt: 2 },
        Event::Unwound { rollout, why: String::new() },
        Event::Closed { rollout, outcome: Outcome::Cancelled },
        Event::Held { rollout, why: String::new(), until: None },
        Event::MarkedBad { release: book.rollout().plan.candidate.clone(), why: String::new() },
        Event::LeaseTaken { epoch: old, holder: "old".to_owned(), from: None },
    ];
    for event in events {
        let refused = book.append("old", Some(old), event.clone());
        assert!(matches!(refused, Err(Illegal::Fenced { .. })), "{event:?}: {refused:?}");
    }
    // Neither does somebody without a lease.
    assert!(matches!(book.person("ann", Event::Unwound { rollout, why: String::new() }), Err(Illegal::Fenced { .. })));
    assert!(book.driver(Event::Finished { rollout, step, dir, result: done() }).is_err(), "begun by another driver");
}

#[test]
fn approvals_count_each_person_once_and_only_for_this_plan() {
    let mut book = open(|plan| plan.approvals = 2);
    let digest = book.rollout().plan.digest();
    let approve = |book: &mut Book, by: &str| {
        book.person(by, Event::Approved { digest: digest.clone(), reason: String::new() }).unwrap();
    };
    assert_eq!(book.decide(), Next::Wait(None));
    let other = sternway_core::digest::Digest::of(b"another plan");
    assert!(is_out_of_turn(book.person("bob", Event::Approved { digest: other, reason: String::new() })));
    approve(&mut book, "bob");
    approve(&mut book, "bob");
    assert_eq!(book.decide(), Next::Wait(None));
    let (rollout, step) = (number(&book), 0);
    let began = Event::Began { rollout, step, dir: Dir::Do, attempt: 1 };
    assert!(is_out_of_turn(book.driver(began)), "no step begins unapproved, whoever writes it");
    approve(&mut book, "eve");
    assert!(matches!(book.decide(), Next::Run(_)));
}

#[test]
fn denied_before_it_begins_it_is_cancelled_and_afterwards_it_cannot_be_denied() {
    let mut book = open(|plan| plan.approvals = 1);
    let digest = book.rollout().plan.digest();
    let deny = Event::Denied { digest, reason: "not today".to_owned() };
    book.person("bob", deny.clone()).unwrap();
    let began = Event::Began { rollout: number(&book), step: 0, dir: Dir::Do, attempt: 1 };
    assert!(is_out_of_turn(book.driver(began)));
    assert_eq!(book.end(|_| panic!("nothing runs")), Next::Rest);
    assert_eq!(outcome(&book), Outcome::Cancelled);
    assert!(book.state.incidents.is_empty() && book.state.environment(&book.place).bad.is_empty());

    let mut book = open(|_| {});
    book.decide();
    let digest = book.rollout().plan.digest();
    assert!(is_out_of_turn(book.person("bob", Event::Denied { digest, reason: String::new() })));
}

#[test]
fn it_does_not_start_before_its_hour() {
    let start = Book::serving(&PARTS).now.plus(Duration::from_hours(1));
    let mut book = open(|plan| plan.not_before = Some(start));
    assert_eq!(book.decide(), Next::Wait(Some(start)));
    book.now = start;
    assert!(matches!(book.decide(), Next::Run(_)));
}

#[test]
fn held_before_it_begins_each_choice_does_what_it_says() {
    for (choice, ends) in [
        (Choice::Continue, Outcome::Committed),
        (Choice::Accept, Outcome::Committed),
        (Choice::RollBack, Outcome::Cancelled),
    ] {
        let mut book = open(|_| {});
        hold(&mut book);
        assert_eq!(book.decide(), Next::Wait(None));
        resume(&mut book, choice).unwrap();
        assert_eq!(book.end(|_| done()), Next::Rest);
        assert_eq!(outcome(&book), ends, "{choice:?}");
    }
}

#[test]
fn held_while_a_step_runs_its_result_is_kept() {
    for (choice, ends) in [(Choice::Continue, Outcome::Committed), (Choice::RollBack, Outcome::RolledBack)] {
        let mut book = open(|_| {});
        let effect = book.drive_to("bake", Dir::Do);
        hold(&mut book);
        assert!(is_out_of_turn(resume(&mut book, Choice::Accept)), "there is no result yet to be accepted");
        resume(&mut book, choice).unwrap();
        // Its driver is still at it and learns of nothing: it is not run twice.
        book.finish(&effect, done());
        assert_eq!(
            book.end(|again| {
                assert_ne!((again.step, again.dir), (effect.step, effect.dir));
                done()
            }),
            Next::Rest
        );
        assert_eq!(outcome(&book), ends, "{choice:?}");
    }
}

#[test]
fn a_hold_never_keeps_what_failed_in_front_of_users() {
    let mut book = open(|_| {});
    let effect = book.drive_to("bake", Dir::Do);
    hold(&mut book);
    book.finish(&effect, failed());
    assert_eq!(book.end(|_| done()), Next::Rest);
    assert_eq!(outcome(&book), Outcome::RolledBack);
}

#[test]
fn told_to_go_back_just_before_the_last_result_it_goes_back() {
    let mut book = open(|_| {});
    let effect = book.drive_to("bake", Dir::Do);
    resume(&mut book, Choice::RollBack).unwrap();
    book.finish(&effect, done());
    assert!(is_out_of_turn(book.driver(Event::Closed { rollout: number(&book), outcome: Outcome::Committed })));
    book.end(|_| done());
    assert_eq!(outcome(&book), Outcome::RolledBack);
}

#[test]
fn past_its_return_it_does_not_go_back_and_a_late_failure_neither_holds_nor_blocks() {
    let mut book = open(|_| {});
    book.drive_to("retire", Dir::Do);
    assert!(book.rollout().is_accepted());
    assert!(is_out_of_turn(resume(&mut book, Choice::RollBack)));
    let rollout = number(&book);
    assert!(is_out_of_turn(book.driver(Event::Unwound { rollout, why: String::new() })));
    // It never succeeds: it is tried some times, left behind, and what serves is committed.
    assert_eq!(book.end(|_| failed()), Next::Rest);
    assert_eq!(outcome(&book), Outcome::Committed);
    assert!(book.state.incidents.is_empty());
}

#[test]
fn unknown_at_the_limit_goes_back_or_holds_as_chosen_and_never_marks_the_release() {
    let mut book = open(|plan| plan.judge.on_unknown = OnLimit::RollBack);
    let effect = book.drive_to("bake", Dir::Do);
    book.finish(&effect, unknown());
    book.end(|_| done());
    assert_eq!(outcome(&book), Outcome::RolledBack);
    assert!(book.state.environment(&book.place).bad.is_empty(), "an observer's absence is no failure of the release");

    for (choice, ends) in [
        (Choice::Continue, Outcome::Committed),
        (Choice::Accept, Outcome::Committed),
        (Choice::RollBack, Outcome::RolledBack),
    ] {
        let mut book = open(|plan| plan.judge.on_unknown = OnLimit::Hold);
        let effect = book.drive_to("bake", Dir::Do);
        book.finish(&effect, unknown());
        assert_eq!(book.decide(), Next::Wait(None));
        resume(&mut book, choice).unwrap();
        let ran = std::cell::Cell::new(0);
        book.end(|again| {
            ran.set(ran.get() + u32::from(again.step == effect.step && again.dir == Dir::Do));
            done()
        });
        assert_eq!(outcome(&book), ends, "{choice:?}");
        assert_eq!(ran.get(), u32::from(choice == Choice::Continue), "only `continue` watches once more");
    }
}

#[test]
fn an_attempt_after_an_unknown_one_has_its_key_and_one_after_a_failure_a_key_of_its_own() {
    let mut book = open(|plan| plan.judge.on_unknown = OnLimit::Hold);
    let first = book.drive_to("job migrate", Dir::Do);
    book.finish(&first, unknown());
    book.decide();
    resume(&mut book, Choice::Continue).unwrap();
    let second = book.drive_to("job migrate", Dir::Do);
    assert_eq!(second.attempt, 2);
    assert_eq!(second.key(), first.key(), "whether it ran is not known: its undo looks under this key");
    book.finish(&second, failed());
    let undo = book.drive_to("job migrate", Dir::Undo);
    book.finish(&undo, failed());
    let again = book.drive_to("job migrate", Dir::Undo);
    assert_ne!(again.key(), undo.key());
}

#[test]
fn an_interrupted_step_that_asks_is_held_and_goes_on_as_told() {
    for (choice, runs_again) in [(Choice::Continue, true), (Choice::Accept, false)] {
        let mut book = open(|plan| {
            plan.steps.iter_mut().for_each(|step| step.on_interrupted = OnInterrupted::Ask);
        });
        let effect = book.drive_to("job migrate", Dir::Do);
        book.take_lease();
        assert_eq!(book.decide(), Next::Wait(None));
        assert!(book.rollout().hold.as_ref().unwrap().why.contains("interrupted"));
        resume(&mut book, choice).unwrap();
        let Next::Run(next) = book.decide() else { panic!() };
        assert_eq!(next.step == effect.step, runs_again);
        book.finish(&next, done());
        book.end(|_| done());
        assert_eq!(outcome(&book), Outcome::Committed);
    }
}

#[test]
fn a_step_that_kills_its_driver_again_and_again_goes_back() {
    let mut book = open(|_| {});
    book.drive_to("start", Dir::Do);
    for _ in 0..20 {
        book.take_lease();
        if matches!(book.decide(), Next::Run(effect) if effect.dir == Dir::Undo) {
            break;
        }
    }
    assert!(book.rollout().unwinding.as_ref().unwrap().contains("interrupted"));
    book.end(|_| done());
    assert_eq!(outcome(&book), Outcome::RolledBack);
    assert!(book.state.environment(&book.place).bad.is_empty());
}

#[test]
fn a_hold_with_a_limit_does_then_what_was_chosen_and_what_still_can_be() {
    let mut book = open(|_| {});
    let effect = book.drive_to("bake", Dir::Do);
    let (rollout, limit) = (number(&book), book.now.plus(Duration::from_mins(1)));
    let hold = |choice| Event::Held { rollout, why: String::new(), until: Some((limit, choice)) };
    book.person("ann", hold(Choice::RollBack)).unwrap();
    book.finish(&effect, done());
    assert_eq!(book.decide(), Next::Wait(Some(limit)));
    book.now = limit;
    book.end(|_| done());
    assert_eq!(outcome(&book), Outcome::RolledBack);

    // Held again while it goes back: it cannot go back twice, so it goes on going back.
    let mut book = open(|_| {});
    book.drive_to("bake", Dir::Do);
    let rollout = number(&book);
    resume(&mut book, Choice::RollBack).unwrap();
    book.decide();
    let limit = book.now.plus(Duration::from_mins(1));
    let until = Some((limit, Choice::RollBack));
    book.person("ann", Event::Held { rollout, why: String::new(), until }).unwrap();
    book.now = limit;
    book.end(|_| done());
    assert_eq!(outcome(&book), Outcome::RolledBack);
}

#[test]
fn an_undo_that_cannot_work_is_held_with_an_incident_and_a_person_can_accept_it() {
    let mut book = open(|plan| {
        let job = plan.steps.iter_mut().find(|step| step.name == "job migrate").unwrap();
        job.undo = Undo::Irreversible("a column is gone".to_owned());
    });
    let plan = book.rollout().plan.clone();
    assert_eq!(book.end(failing_at(&plan, "start")), Next::Wait(None));
    assert!(book.rollout().hold.as_ref().unwrap().why.contains("a column is gone"));
    assert_eq!(book.state.incidents.len(), 1);
    resume(&mut book, Choice::Continue).unwrap();
    assert_eq!(book.end(|_| done()), Next::Wait(None));
    resume(&mut book, Choice::Accept).unwrap();
    assert_eq!(book.end(|_| done()), Next::Rest);
    assert_eq!(outcome(&book), Outcome::RolledBack);
}

#[test]
fn an_undo_that_fails_is_tried_again_then_held_and_goes_on_from_there() {
    let mut book = open(|_| {});
    let plan = book.rollout().plan.clone();
    let at_bake = failing_at(&plan, "bake");
    let tries = std::cell::Cell::new(0);
    let broken = |effect: &sternway_core::state::Effect| {
        if effect.dir == Dir::Undo {
            tries.set(tries.get() + 1);
            failed()
        } else {
            at_bake(effect)
        }
    };
    assert_eq!(book.end(broken), Next::Wait(None));
    assert_eq!(tries.get(), sternway_core::state::UNDO_ATTEMPTS);
    resume(&mut book, Choice::Continue).unwrap();
    assert_eq!(book.end(|_| done()), Next::Rest);
    assert_eq!(outcome(&book), Outcome::RolledBack);
}

/// What the last incident was told of.
fn told(book: &Book) -> &str {
    let texts = book.entries.iter().rev().find_map(|entry| match &entry.event {
        Event::IncidentUpdated { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.unwrap()
}

/// Goes back since the bake fails, with an undo that fails until a person accepts it.
fn accepting(undo: &str) -> Book {
    let mut book = open(|_| {});
    let plan = book.rollout().plan.clone();
    let at_bake = failing_at(&plan, "bake");
    let broken = plan.steps.iter().position(|step| step.name == undo);
    let result = |effect: &sternway_core::state::Effect| {
        if effect.dir == Dir::Undo && Some(usize::from(effect.step)) == broken { failed() } else { at_bake(effect) }
    };
    if book.end(result) == Next::Wait(None) {
        resume(&mut book, Choice::Accept).unwrap();
        assert_eq!(book.end(|_| done()), Next::Rest);
    }
    assert_eq!(outcome(&book), Outcome::RolledBack);
    book
}

#[test]
fn what_a_person_accepted_on_the_way_back_is_not_called_verified() {
    assert_eq!(told(&accepting("nothing fails")), "release 1 serves again, verified");
    assert_eq!(told(&accepting("baseline")), "release 1 was accepted by a person as serving again, unverified");
    let job = "release 1 serves again; a person accepted the undo of `job migrate` unverified";
    assert_eq!(told(&accepting("job migrate")), job);
}

#[test]
fn a_rollback_whose_verification_a_person_accepted_is_not_called_verified() {
    let mut book = going_back();
    let confirm = book.rollout().plan.steps.iter().position(|step| step.name == "confirm");
    let fails = |effect: &sternway_core::state::Effect| {
        if Some(usize::from(effect.step)) == confirm { failed() } else { done() }
    };
    assert_eq!(book.end(fails), Next::Wait(None));
    resume(&mut book, Choice::Accept).unwrap();
    assert_eq!(book.end(|_| done()), Next::Rest);
    assert_eq!(told(&book), "release 1 was accepted by a person as serving again, unverified");
}

/// The second serves; a rollback to the first is open, and so is the incident that a person opened with it.
fn going_back() -> Book {
    let mut book = open(|_| {});
    book.end(|_| done());
    let plan = book.case(1, &PARTS).rollback().plan.unwrap();
    let incident = Event::IncidentOpened {
        incident: sternway_core::ids::IncidentNumber(1),
        rollout: Some(plan.rollout),
        title: "it is bad".to_owned(),
        started: book.now,
        state: String::new(),
    };
    book.person("ann", incident).unwrap();
    book.open(&plan);
    book
}

#[test]
fn a_rollback_by_hand_restores_and_only_a_later_good_release_resolves() {
    let mut book = going_back();
    let switch = book.drive_to("switch", Dir::Do);
    book.finish(&switch, done());
    let at = book.entries.last().unwrap().at;
    book.end(|_| done());
    assert_eq!(outcome(&book), Outcome::Committed);
    let known = &book.state.incidents[&sternway_core::ids::IncidentNumber(1)];
    assert_eq!((known.restored, known.resolved), (Some(at), None), "stable since the switch ended, and not resolved");

    // A second way back changes nothing of what is known.
    book.seal(3, &PARTS);
    let plan = book.case(3, &PARTS).plan();
    book.open(&plan);
    book.end(failing_at(&plan, "smoke"));
    let known = &book.state.incidents[&sternway_core::ids::IncidentNumber(1)];
    assert_eq!((known.restored, known.resolved), (Some(at), None));

    book.seal(4, &PARTS);
    book.open(&book.case(4, &PARTS).plan());
    book.end(|_| done());
    assert!(book.state.incidents.values().all(|known| known.resolved.is_some()));
}

#[test]
fn a_rollback_is_never_rolled_back() {
    let mut book = going_back();
    let rollout = number(&book);
    assert!(is_out_of_turn(resume(&mut book, Choice::RollBack)));
    assert!(is_out_of_turn(book.driver(Event::Unwound { rollout, why: String::new() })));
    // Whatever fails, it tries again and then asks a person.
    assert_eq!(book.end(|_| failed()), Next::Wait(None));
    resume(&mut book, Choice::Continue).unwrap();
    assert_eq!(book.end(|_| unknown()), Next::Wait(None));
    assert!(book.rollout().unwinding.is_none());
    resume(&mut book, Choice::Continue).unwrap();
    assert_eq!(book.end(|_| done()), Next::Rest);
    assert_eq!(book.state.environment(&book.place).current.unwrap().release.number.0, 1);
}

#[test]
fn without_a_lease_ever_taken_nobody_drives_under_an_old_one() {
    let mut book = open(|_| {});
    assert!(book.epoch > Epoch(0));
    let began = Event::Began { rollout: number(&book), step: 0, dir: Dir::Do, attempt: 1 };
    assert!(matches!(book.person("ann", began), Err(Illegal::Fenced { .. })));
}
