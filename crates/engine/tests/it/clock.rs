//! A clock that somebody sets while a release is watched.

use std::time::Duration;

use sternway_engine::simulator::{Ending, drive_to_the_end};

use crate::crash_matrix::prologue;
use crate::stories::all;

const HOUR: i64 = 3_600_000;

#[test]
fn a_clock_that_is_set_neither_ends_a_watch_nor_makes_it_longer_nor_blinds_it() {
    for (story, told) in all() {
        let prologue = prologue(&story);
        let lived = |at: Duration, by: i64| {
            let world = prologue.copy(1);
            let begun = world.lived();
            world.clock_jumps(at, by);
            let ending = drive_to_the_end(&world).unwrap_or_else(|why| panic!("{}: {why}", story.name));
            story.consistent(&world, &ending).unwrap_or_else(|why| panic!("{}: {why}", story.name));
            (ending, world.lived().saturating_sub(begun))
        };
        let (_, whole) = lived(Duration::MAX / 2, 0);
        for part in 1..8 {
            for by in [HOUR, -HOUR] {
                let (ending, lasted) = lived(whole * part / 8, by);
                let what = format!("{}: set by {by} ms after {part}/8 of {whole:?}: {lasted:?}", story.name);
                assert_eq!(ending, told, "{what}");
                assert!(lasted < whole + Duration::from_mins(1), "{what}");
                assert!(told != Ending::Committed || lasted + Duration::from_secs(1) > whole, "{what}");
            }
        }
    }
}
