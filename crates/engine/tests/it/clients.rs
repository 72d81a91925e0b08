//! Clients stick to a release. One that fails wherever it lands takes no good release back; many that fail take a bad one back.

use std::sync::Arc;
use std::time::Duration;

use sternway_core::event::{Dir, Event, Observation, StepResult};
use sternway_core::verdict::Verdict;
use sternway_engine::simulator::{Behaviour, Ending, Fault, Moment, World, drive_to_the_end};

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
