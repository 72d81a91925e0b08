//! The engine against the simulator and against a real logbook.

mod clock;
mod crash_matrix;
mod restored;
mod stories;
