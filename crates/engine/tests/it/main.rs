//! The engine against the simulator and against a real logbook.
#![expect(clippy::unwrap_used, reason = "tests")]

mod by_hand;
mod checkpoint;
mod clients;
mod clock;
mod crash_matrix;
mod observers;
mod people;
mod restored;
mod stories;
