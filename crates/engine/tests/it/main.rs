//! The engine against the simulator and against a real logbook.

mod clock;
mod crash_matrix;
mod observers;
mod people;
mod restored;
mod stories;
