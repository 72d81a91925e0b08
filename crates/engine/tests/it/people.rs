//! People speak at any time, drivers die, proxies start anew, disks fill up: whatever comes together, it ends on one of the two
//! releases, and a release that nobody accepted against the evidence never stays when it is bad.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sternway_core::event::{Choice, Event};
use sternway_core::ids::RolloutNumber;
use sternway_core::plan::OnLimit;
use sternway_engine::simulator::{Chance, Ending, Fault, Scenario, World, append, drive_to_the_end, open_rollout};

use crate::crash_matrix::{MOMENTS, prologue, seeds};
use crate::stories::all;

fn word(chance: &mut Chance, rollout: RolloutNumber) -> Event {
    let reason = String::new();
    match chance.below(5) {
        0 | 1 => Event::Held { rollout, why: "ann: a look at the logs".to_owned(), until: None },
        2 => Event::Resumed { rollout, choice: Choice::Accept, reason },
        3 => Event::Resumed { rollout, choice: Choice::RollBack, reason },
        _ => Event::Resumed { rollout, choice: Choice::Continue, reason },
    }
}

/// What a person says when a rollout waits: approve, or go on.
fn answer(world: &Arc<World>) -> Result<(), String> {
    let Some(open) = open_rollout(world)? else { return Ok(()) };
    if open.hold.is_some() {
        let (rollout, reason) = (open.plan.rollout, "works again".to_owned());
        return append(world, vec![Event::Resumed { rollout, choice: Choice::Continue, reason }]);
    }
    // `append` speaks as ann; once is once, so one approval is all that these stories ask for.
    append(world, vec![Event::Approved { digest: open.plan.digest(), reason: String::new() }])
}

#[test]
fn whoever_speaks_and_whatever_fails_it_ends_consistent() {
    let only = std::env::var("STERNWAY_SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
    let seeds = only.map_or(0..seeds() / 2, |seed| seed..seed + 1);
    let mut stories = Vec::new();
    for (story, told) in all() {
        for (on_unknown, approvals) in [(OnLimit::RollBack, 0), (OnLimit::Hold, 1)] {
            let approvals = if story.rollback { 0 } else { approvals };
            let story = Scenario { on_unknown, approvals, ..story.clone() };
            stories.push((prologue(&story), story, told.clone()));
        }
    }
    for seed in seeds {
        let mut chance = Chance::new(seed ^ 0x5EED);
        let (prologue, story, told) = &stories[usize::try_from(chance.below(stories.len() as u64)).unwrap()];
        let world = prologue.copy(seed);
        let fail = |why: String| -> ! { panic!("STERNWAY_SEED={seed}: {}: {why}", story.name) };
        let deaths = chance.below(3);
        let faults = (0..deaths)
            .map(|_| Fault { boundary: chance.below(60), moment: MOMENTS[usize::try_from(chance.below(3)).unwrap()] });
        world.faults(faults.collect());
        world.unreliable(if seed % 4 == 0 { 0.15 } else { 0.0 }, if seed % 5 == 0 { 0.3 } else { 0.0 });
        let accepted = Arc::new(AtomicBool::new(false));
        for _ in 0..chance.below(5) {
            let (boundary, what, mut chance) = (chance.below(60), chance.below(6), Chance::new(chance.bits()));
            let (other, accepted) = (Arc::clone(&world), Arc::clone(&accepted));
            world.pause_at(boundary, move || match what {
                0 => other.restart_proxy(),
                1 => other.fill_disk(Duration::from_secs(chance.below(20))),
                2 => other.blind_checks(Duration::from_secs(chance.below(20))),
                3 => {
                    other.pass(Duration::from_mins(1));
                    let _another_driver_goes_as_far_as_it_can = drive_to_the_end(&other);
                }
                _ => {
                    let Ok(Some(open)) = open_rollout(&other) else { return };
                    let word = word(&mut chance, open.plan.rollout);
                    let accepts = matches!(word, Event::Resumed { choice: Choice::Accept, .. });
                    // What cannot be said now is refused, and changes nothing.
                    if append(&other, vec![word]).is_ok() {
                        accepted.fetch_or(accepts, Ordering::SeqCst);
                    }
                }
            });
        }
        let mut ending = drive_to_the_end(&world).unwrap_or_else(|why| fail(why));
        for _ in 0..12 {
            if !accepted.load(Ordering::SeqCst) {
                story.consistent(&world, &ending).unwrap_or_else(|why| fail(why));
            }
            let Ending::Held(_) = ending else { break };
            world.unreliable(0.0, 0.0);
            // A person answers when what was away is back.
            world.pass(Duration::from_mins(1));
            answer(&world).unwrap_or_else(|why| fail(why));
            ending = drive_to_the_end(&world).unwrap_or_else(|why| fail(why));
        }
        if matches!(ending, Ending::Held(_)) {
            fail("it is still held".to_owned());
        }
        if *told == Ending::RolledBack && !accepted.load(Ordering::SeqCst) && ending == Ending::Committed {
            fail("a bad release stays".to_owned());
        }
    }
}

#[test]
fn a_word_to_go_back_is_obeyed_at_every_boundary() {
    for (story, told) in all().into_iter().filter(|(story, _)| !story.rollback) {
        let prologue = prologue(&story);
        let count = prologue.copy(1);
        count.faults(Vec::new());
        drive_to_the_end(&count).unwrap();
        for boundary in 0..count.boundaries() {
            let world = prologue.copy(1);
            let (other, obeyed) = (Arc::clone(&world), Arc::new(AtomicBool::new(false)));
            let heard = Arc::clone(&obeyed);
            world.pause_at(boundary, move || {
                let Ok(Some(open)) = open_rollout(&other) else { return };
                let (rollout, reason) = (open.plan.rollout, "it is slow".to_owned());
                let said = append(&other, vec![Event::Resumed { rollout, choice: Choice::RollBack, reason }]);
                heard.store(said.is_ok(), Ordering::SeqCst);
            });
            let ending = drive_to_the_end(&world).unwrap();
            story.consistent(&world, &ending).unwrap_or_else(|why| panic!("{} at {boundary}: {why}", story.name));
            if obeyed.load(Ordering::SeqCst) {
                assert!(
                    matches!(ending, Ending::RolledBack | Ending::Cancelled),
                    "{}: {ending:?} though told to go back at {boundary}",
                    story.name
                );
            } else {
                assert_eq!(ending, told, "{} at {boundary}", story.name);
            }
        }
    }
}

#[test]
fn nothing_runs_before_it_is_approved() {
    let story = Scenario { approvals: 1, ..crate::observers::story(sternway_engine::simulator::Behaviour::default()) };
    let world = prologue(&story);
    let before = world.boundaries();
    assert_eq!(drive_to_the_end(&world).unwrap(), Ending::Held(String::new()));
    assert!(open_rollout(&world).unwrap().unwrap().steps.iter().all(|step| !step.forward.has_begun()));
    assert!(world.boundaries() >= before);
    world.pass(Duration::from_mins(1));
    answer(&world).unwrap();
    assert_eq!(drive_to_the_end(&world).unwrap(), Ending::Committed);
}

/// A release that waits for an approval, and the base's artifact is damaged meanwhile.
#[test]
fn what_was_proven_about_the_way_back_is_proven_again_when_the_plan_has_waited() {
    let (story, told) = all().into_iter().find(|(story, _)| story.name == "good").unwrap();
    let base = sternway_core::ids::ReleaseNumber(1);
    for (approvals, waits) in [(1, Duration::ZERO), (0, Duration::from_mins(2))] {
        let world = prologue(&Scenario { approvals, ..story.clone() });
        world.damage(base, true);
        world.pass(waits);
        if approvals > 0 {
            assert!(matches!(drive_to_the_end(&world).unwrap(), Ending::Held(_)));
            answer(&world).unwrap();
        }
        let Ending::Held(why) = drive_to_the_end(&world).unwrap() else { panic!("it started without a way back") };
        assert!(why.contains("an object is damaged"), "{why}");
        assert_eq!(world.running().len(), story.parts.len(), "nothing of the new release was started");
        world.damage(base, false);
        answer(&world).unwrap();
        assert_eq!(drive_to_the_end(&world).unwrap(), told);
    }
    // One that starts at once has just been proven.
    let world = prologue(&story);
    world.damage(base, true);
    assert_eq!(drive_to_the_end(&world).unwrap(), told);
}
