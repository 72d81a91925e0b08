//! The vocabulary of Sternway and its pure decisions.
//!
//! Nothing here does I/O, reads a clock or draws a random number: time and chance arrive in events (see [`event`]).
//! Start with [`plan`] for what will be done, [`state`] for what has happened and what comes next, and [`judge`] for
//! how a release is told good from bad.

pub mod baseline;
pub mod check;
pub mod counts;
pub mod digest;
pub mod edits;
pub mod event;
pub mod finding;
pub mod glob;
pub mod ids;
pub mod ignore;
pub mod judge;
pub mod plan;
pub mod planner;
pub mod project;
pub mod register;
pub mod release;
pub mod state;
pub mod time;
pub mod veil;
pub mod verdict;
pub mod watch;
