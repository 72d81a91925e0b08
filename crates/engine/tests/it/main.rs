//! The engine against the simulator and against a real logbook.
#![expect(clippy::unwrap_used, reason = "tests")]

mod crash_matrix;
mod stories;
