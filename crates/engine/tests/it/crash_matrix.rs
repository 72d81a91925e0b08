//! The crash matrix: every plan of the test set, every boundary, before, after and torn, in both directions; then thousands of
//! seeds with several deaths each. A failing seed prints; `STERNWAY_SEED=n` runs it alone, `STERNWAY_SEEDS=n` runs so many.

use std::sync::Arc;

use sternway_engine::simulator::{
    Chance, Ending, Fault, Moment, Scenario, World, append, drive_to_the_end, open_rollout,
};

use crate::stories::all;

pub(crate) const MOMENTS: [Moment; 3] = [Moment::Before, Moment::After, Moment::Torn];

/// How many seeds are tried: few by default, so that everybody runs them all the time.
pub(crate) fn seeds() -> u64 {
    std::env::var("STERNWAY_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(2000)
}

pub(crate) fn prologue(story: &Scenario) -> Arc<World> {
    let world = World::new(1);
    story.prepare(&world).unwrap_or_else(|why| panic!("{}: {why}", story.name));
    world
}

fn run(story: &Scenario, prologue: &World, faults: Vec<Fault>) -> (Ending, u64) {
    let world = prologue.copy(1);
    let fail = |why: String| -> ! { panic!("{} with {faults:?}: {why}", story.name) };
    world.faults(faults.clone());
    let ending = drive_to_the_end(&world).unwrap_or_else(|why| fail(why));
    story.consistent(&world, &ending).unwrap_or_else(|why| fail(why));
    (ending, world.boundaries())
}

#[test]
fn after_a_death_at_any_boundary_the_environment_ends_on_the_old_or_the_new_release() {
    for (story, told) in all() {
        let prologue = prologue(&story);
        let (_, boundaries) = run(&story, &prologue, Vec::new());
        assert!(boundaries > 5, "{}: only {boundaries} boundaries", story.name);
        for boundary in 0..boundaries {
            for moment in MOMENTS {
                let (ending, _) = run(&story, &prologue, vec![Fault { boundary, moment }]);
                assert_eq!(ending, told, "{} with a death at {boundary} {moment:?}", story.name);
            }
        }
    }
}

#[test]
fn thousands_of_seeds_with_several_deaths_each_end_consistent() {
    let only = std::env::var("STERNWAY_SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
    let seeds = only.map_or(0..seeds(), |seed| seed..seed + 1);
    let stories: Vec<_> = all().into_iter().map(|(story, _)| (prologue(&story), story)).collect();
    for seed in seeds {
        let mut chance = Chance::new(seed);
        let (prologue, story) = &stories[usize::try_from(chance.below(stories.len() as u64)).unwrap()];
        let world = prologue.copy(seed);
        let fail = |why: String| -> ! { panic!("STERNWAY_SEED={seed}: {}: {why}", story.name) };
        let faults = (0..chance.below(6))
            .map(|_| Fault { boundary: chance.below(60), moment: MOMENTS[usize::try_from(chance.below(3)).unwrap()] });
        world.faults(faults.collect());
        world.unreliable(if seed % 3 == 0 { 0.15 } else { 0.0 }, if seed % 5 == 0 { 0.3 } else { 0.0 });
        let mut ending = drive_to_the_end(&world).unwrap_or_else(|why| fail(why));
        // A hold is an honest end; a person who then says "go on" on a world that works again gets one of the two releases.
        for _ in 0..5 {
            story.consistent(&world, &ending).unwrap_or_else(|why| fail(why));
            let Ending::Held(_) = ending else { break };
            world.unreliable(0.0, 0.0);
            let rollout = open_rollout(&world).unwrap_or_else(|why| fail(why)).unwrap().plan.rollout;
            let resumed = sternway_core::event::Event::Resumed {
                rollout,
                choice: sternway_core::event::Choice::Continue,
                reason: "works again".to_owned(),
            };
            append(&world, vec![resumed]).unwrap_or_else(|why| fail(why));
            ending = drive_to_the_end(&world).unwrap_or_else(|why| fail(why));
        }
        assert!(!matches!(ending, Ending::Held(_)), "STERNWAY_SEED={seed}: {}: still held", story.name);
    }
}

#[test]
fn a_driver_that_stood_still_while_another_took_over_changes_nothing_any_more() {
    for (story, _) in all() {
        let prologue = prologue(&story);
        let (_, boundaries) = run(&story, &prologue, Vec::new());
        for boundary in 0..boundaries {
            let world = prologue.copy(1);
            let fail = |why: String| -> ! { panic!("{} paused at {boundary}: {why}", story.name) };
            let other = Arc::clone(&world);
            world.pause_at(boundary, move || {
                other.pass(std::time::Duration::from_mins(1));
                let _ending = drive_to_the_end(&other).unwrap();
            });
            let ending = drive_to_the_end(&world).unwrap_or_else(|why| fail(why));
            story.consistent(&world, &ending).unwrap_or_else(|why| fail(why));
        }
    }
}
