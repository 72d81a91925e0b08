//! Clients stick to a release. One that fails wherever it lands takes no good release back; many that fail take a bad one back.

use std::sync::Arc;
use std::time::Duration;

use sternway_core::event::{Dir, Event, Observation, StepResult};
use sternway_core::ids::ReleaseNumber;
use sternway_core::plan::OnLimit;
use sternway_core::verdict::Verdict;
use sternway_engine::simulator::{Behaviour, Ending, Fault, Moment, Scenario, World, drive_to_the_end, fold};

use crate::crash_matrix::prologue;
use crate::observers::story;

const WORDS: &str = "errors come from 1 client only";

/// A base with a script that gets 401s, every fifth request, and has got them for as long as the record reaches.
fn with_a_script(candidate: Behaviour) -> Arc<World> {
    let world = prologue(&story(candidate));
    world.add_script();
    (0..60).for_each(|_| world.pass(Duration::from_secs(1)));
    world
}

fn tell(world: &Arc<World>) -> Ending {
    let ending = drive_to_the_end(world).unwrap_or_else(|why| panic!("{why}"));
    story(Behaviour::default()).consistent(world, &ending).unwrap_or_else(|why| panic!("{ending:?}: {why}"));
    ending
}

/// The judgements of the last rollout, with what the candidate was compared with.
fn judged(world: &World, wanted: Verdict) -> Vec<String> {
    let of = |event: &Event| match event {
        Event::Observed { what: Observation::Judged { verdict, against, .. }, .. } if *verdict == wanted => {
            Some(against.clone())
        }
        _ => None,
    };
    world.entries().iter().filter_map(|entry| of(&entry.event)).collect()
}

#[test]
fn a_script_that_fails_anyway_takes_no_good_release_back_and_the_logbook_says_why() {
    let world = with_a_script(Behaviour::default());
    assert_eq!(tell(&world), Ending::Committed);
    let said = judged(&world, Verdict::Unknown);
    assert!(said.len() == 1 && said[0].ends_with(WORDS), "{said:?}");
    assert!(judged(&world, Verdict::Fail).is_empty());
    let noted = world.entries().into_iter().any(|entry| {
        matches!(entry.event, Event::Finished { dir: Dir::Do, result: StepResult::Done { note }, .. } if note.ends_with(WORDS))
    });
    assert!(noted, "the step's own note says it");
}

#[test]
fn a_release_that_fails_for_many_goes_back_from_its_canary_though_the_script_is_there() {
    let world = with_a_script(Behaviour { unauthorized: 0.5, ..Behaviour::default() });
    assert_eq!(tell(&world), Ending::RolledBack);
    let rejected = judged(&world, Verdict::Fail);
    assert!(rejected.len() == 1 && rejected[0].starts_with("current: "), "{rejected:?}");
}

/// Whether any release carries the bad mark.
fn is_marked(world: &Arc<World>) -> bool {
    !fold(world).unwrap().environment(&Scenario::environment()).bad.is_empty()
}

/// What the candidate answered with all of the traffic.
fn answered(world: &Arc<World>) -> u64 {
    let of = |event: &Event| match event {
        Event::Observed {
            what: Observation::Traffic { release: ReleaseNumber(2), percent: 100, counts, .. }, ..
        } => counts.requests,
        _ => 0,
    };
    world.entries().iter().map(|entry| of(&entry.event)).sum()
}

#[test]
fn a_release_that_fails_for_everybody_is_never_kept_however_few_they_are() {
    let prologue = prologue(&story(Behaviour { unauthorized: 1.0, ..Behaviour::default() }));
    for (people, rate) in [(1, 2), (1, 20), (3, 2), (3, 20), (20, 5), (20, 60), (40, 60)] {
        for recorded in [0, 2, 60] {
            for seed in 0..5 {
                let world = prologue.copy(seed);
                world.only(people, rate);
                (0..recorded).for_each(|_| world.pass(Duration::from_secs(1)));
                let ending = tell(&world);
                let told = format!("{people} clients, {rate} requests/s, {recorded} s on record, seed {seed}");
                assert_eq!(ending, Ending::RolledBack, "{told}: it answered {}", answered(&world));
            }
        }
    }
}

#[test]
fn what_two_of_twenty_clients_say_is_unknown_and_what_follows_is_as_chosen() {
    for (on_unknown, told) in [(OnLimit::RollBack, Ending::RolledBack), (OnLimit::Hold, Ending::Held(String::new()))] {
        let story = Scenario { on_unknown, ..story(Behaviour { unauthorized: 1.0, ..Behaviour::default() }) };
        // Drawn so that the candidate has one to three of the twenty.
        let world = prologue(&story).copy(3);
        world.only(20, 60);
        let ending = drive_to_the_end(&world).unwrap();
        story.consistent(&world, &ending).unwrap();
        match (&ending, &told) {
            (Ending::Held(why), Ending::Held(_)) => {
                assert!(why.contains("are 401/403 responses, against current: 0 of "), "{why}");
            }
            (ending, told) => assert_eq!(ending, told),
        }
        assert_eq!(answered(&world), 0, "it never had all of the traffic");
        assert!(!is_marked(&world), "what is unknown is no fault of the release");
        assert_eq!(judged(&world, Verdict::Unknown).len(), 1, "the logbook says why");
    }
}

#[test]
fn a_good_release_goes_out_to_the_last_client() {
    for (people, rate) in [(1, 2), (3, 20), (20, 60)] {
        for recorded in [0, 60] {
            let world = prologue(&story(Behaviour::default()));
            world.only(people, rate);
            (0..recorded).for_each(|_| world.pass(Duration::from_secs(1)));
            assert_eq!(tell(&world), Ending::Committed, "{people} clients, {recorded} s on record");
        }
    }
}

#[test]
fn which_clients_failed_outlives_the_driver() {
    let prologue = with_a_script(Behaviour::default());
    let boundaries = {
        let world = prologue.copy(1);
        world.faults(Vec::new());
        tell(&world);
        world.boundaries()
    };
    for boundary in 0..boundaries {
        let world = prologue.copy(1);
        world.faults(vec![Fault { boundary, moment: Moment::After }]);
        assert_eq!(tell(&world), Ending::Committed, "killed at {boundary}");
    }
}
