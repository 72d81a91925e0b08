//! The engine against the simulator and against a real logbook.

mod crash_matrix;
mod stories;
