//! A person goes back at any moment, also while the old release drains after the commit: it is gone back to at once, whoever else says
//! the same, and whatever dies.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sternway_core::event::{Dir, Event};
use sternway_core::ids::ReleaseNumber;
use sternway_core::plan::{Action, PlanKind};
use sternway_core::release::ServiceKind;
use sternway_engine::simulator::{Before, Ending, Fault, Scenario, World, drive_to_the_end, fold};

use crate::crash_matrix::{MOMENTS, prologue};
use crate::stories::all;

/// Stories of a good release after another.
fn good() -> impl Iterator<Item = Scenario> {
    let stories = all().into_iter().filter(|(story, told)| *told == Ending::Committed && !story.rollback);
    stories.map(|(story, _)| story).filter(|story| story.before == Before::Release)
}

/// The moment after a story's beginning, with connections that stay open so long on what lost its traffic.
fn begun(story: &Scenario, clings: Duration) -> (Arc<World>, u64) {
    let prologue = prologue(story);
    prologue.clings(clings);
    let count = prologue.copy(1);
    count.faults(Vec::new());
    drive_to_the_end(&count).unwrap();
    let boundaries = count.boundaries();
    (prologue, boundaries)
}

/// Two people go back at this boundary, and drivers die at those. True when a rollback of its own was opened by it.
fn go_back(story: &Scenario, prologue: &World, boundary: u64, faults: Vec<Fault>) -> (Arc<World>, bool) {
    let world = prologue.copy(1);
    let what = format!("{}: back at {boundary}, {faults:?}", story.name);
    world.faults(faults);
    let (other, by_two, opened) = (Arc::clone(&world), story.clone(), Arc::new(AtomicBool::new(false)));
    let says = Arc::clone(&opened);
    world.pause_at(boundary, move || {
        says.store(by_two.roll_back_by_hand(&other).unwrap(), Ordering::SeqCst);
        assert!(!by_two.roll_back_by_hand(&other).unwrap_or_default(), "a second one was opened");
    });
    let ending = drive_to_the_end(&world).unwrap_or_else(|why| panic!("{what}: {why}"));
    let opened = opened.load(Ordering::SeqCst);
    let told =
        if opened { ending == Ending::Committed } else { matches!(ending, Ending::RolledBack | Ending::Cancelled) };
    assert!(told, "{what}: {ending:?}");
    let now = Scenario { rollback: opened, ..story.clone() };
    now.consistent(&world, &ending).unwrap_or_else(|why| panic!("{what}: {why}"));
    let current = fold(&world).unwrap().environment(&Scenario::environment()).current.unwrap();
    assert_eq!(current.release.number, ReleaseNumber(1), "{what}");
    (world, opened)
}

#[test]
fn at_every_boundary_and_whatever_dies_after_it() {
    for story in good() {
        let (prologue, boundaries) = begun(&story, Duration::from_millis(150));
        let mut late = 0;
        for boundary in 0..boundaries {
            let (_, opened) = go_back(&story, &prologue, boundary, Vec::new());
            if !opened {
                continue;
            }
            late += 1;
            for death in boundary + 1..boundary + 16 {
                for moment in MOMENTS {
                    go_back(&story, &prologue, boundary, vec![Fault { boundary: death, moment }]);
                }
            }
        }
        let drains = story.parts.iter().any(|part| part.1 == ServiceKind::Web);
        assert!(late > 0 || !drains, "{}: nobody came after the commit", story.name);
    }
}

#[test]
fn a_release_that_still_drains_is_gone_back_to_at_once() {
    let story = good().find(|story| story.name == "good").unwrap();
    let (prologue, boundaries) = begun(&story, Duration::from_secs(25));
    let mut late = 0;
    for boundary in 0..boundaries {
        let (world, opened) = go_back(&story, &prologue, boundary, Vec::new());
        if opened {
            late += 1;
            let took = back_within(&world);
            assert!(took < Duration::from_secs(1), "back at {boundary}: {took:?}");
        }
    }
    assert!(late > 100, "the drain has too few boundaries: {late}");
}

/// From the opening of the rollback to the end of its switch.
fn back_within(world: &World) -> Duration {
    let entries = world.entries();
    let opened = entries.iter().rev().find_map(|entry| match &entry.event {
        Event::Opened { plan } if plan.kind == PlanKind::Rollback => Some((plan, entry.at)),
        _ => None,
    });
    let (plan, opened) = opened.unwrap();
    let switch = plan.steps.iter().position(|step| matches!(step.action, Action::Switch { .. })).unwrap();
    let switched = entries.iter().find(|entry| {
        matches!(&entry.event, Event::Finished { rollout, step, dir: Dir::Do, .. }
            if *rollout == plan.rollout && usize::from(*step) == switch)
    });
    switched.unwrap().at.since(opened)
}

#[test]
fn an_effect_whose_rollout_was_closed_meanwhile_is_dropped_and_the_same_driver_goes_on() {
    let (story, told) = all().into_iter().find(|(story, _)| story.name == "by hand").unwrap();
    let (prologue, boundaries) = begun(&story, Duration::ZERO);
    let leases = |world: &World| world.entries().iter().filter(|entry| entry.event.kind() == "lease_taken").count();
    let mut given_up = 0;
    for boundary in 0..boundaries {
        let world = prologue.copy(1);
        let (other, by, done) = (Arc::clone(&world), story.clone(), Arc::new(AtomicBool::new(false)));
        let says = Arc::clone(&done);
        // Once it is accepted, release 1 serves, and there is nowhere to go back to.
        world.pause_at(boundary, move || says.store(by.open_rollback(&other, 2).is_ok(), Ordering::SeqCst));
        let ending = drive_to_the_end(&world).unwrap_or_else(|why| panic!("given up at {boundary}: {why}"));
        assert_eq!(ending, told);
        assert_eq!(leases(&world), leases(&prologue) + 1, "given up at {boundary}");
        let closed = world.entries().iter().filter(|entry| entry.event.kind() == "closed").count();
        let before = prologue.entries().iter().filter(|entry| entry.event.kind() == "closed").count();
        let again = done.load(Ordering::SeqCst);
        assert_eq!(closed, before + 1 + usize::from(again), "given up at {boundary}");
        story.consistent(&world, &ending).unwrap_or_else(|why| panic!("given up at {boundary}: {why}"));
        given_up += usize::from(again);
    }
    assert!(given_up > 5, "given up only {given_up} times");
}

#[test]
fn from_an_adopted_server_that_is_gone_the_way_leads_back_again_whatever_dies() {
    let story =
        all().into_iter().map(|(story, _)| story).find(|story| story.before == Before::Adopted && story.rollback);
    let story = story.unwrap();
    let told = |world: &Arc<World>, faults: Vec<Fault>| {
        let what = format!("{faults:?}");
        world.faults(faults);
        // A person insisted on it, and it never answers.
        let ending = drive_to_the_end(world).unwrap_or_else(|why| panic!("{what}: {why}"));
        assert!(matches!(ending, Ending::Held(_)), "{what}: {ending:?}");
        let open = fold(world).unwrap().rollout(&Scenario::environment()).cloned().unwrap();
        let words = open.serving_in_words();
        assert!(words.starts_with("release 0 has all traffic and does not serve"), "{what}: {words}");
        // To what is still warm, and was committed all the time.
        story.open_rollback(world, 2).unwrap_or_else(|why| panic!("{what}: {why}"));
        let ending = drive_to_the_end(world).unwrap_or_else(|why| panic!("{what}: {why}"));
        assert_eq!(ending, Ending::Committed, "{what}");
        let now = Scenario { before: Before::Nothing, ..story.clone() };
        now.consistent(world, &ending).unwrap_or_else(|why| panic!("{what}: {why}"));
        assert_eq!(world.serving(), Some(ReleaseNumber(1)), "{what}");
    };
    let prologue = prologue(&story);
    prologue.adopted_is_gone(true);
    let world = prologue.copy(1);
    told(&world, Vec::new());
    for boundary in 0..world.boundaries() {
        for moment in MOMENTS {
            told(&prologue.copy(1), vec![Fault { boundary, moment }]);
        }
    }
}
