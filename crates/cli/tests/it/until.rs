//! Waiting without sleeping for a fixed time: a condition is asked again and again until it holds or its deadline is over.

use std::fmt::Debug;
use std::thread;
use std::time::{Duration, Instant};

/// Generous, because machines under load are slow; a condition that never holds is a failure all the same.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// The first `Ok` of the condition. Panics with what it said last when that never comes.
#[track_caller]
pub(crate) fn until<T, E: Debug>(what: &str, mut condition: impl FnMut() -> Result<T, E>) -> T {
    let start = Instant::now();
    loop {
        match condition() {
            Ok(value) => return value,
            Err(why) => assert!(start.elapsed() < PATIENCE, "{what}: {why:?}"),
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until it is true.
#[track_caller]
pub(crate) fn until_true(what: &str, mut condition: impl FnMut() -> bool) {
    until(what, || if condition() { Ok(()) } else { Err("never") });
}
