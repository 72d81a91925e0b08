//! The pure decisions from outside: planner, fold, what comes next, retention, and the events that must always be read.
#![expect(clippy::unwrap_used, reason = "tests")]

mod book;
mod events;
mod people;
mod plans;
mod releases;
mod retention;
mod rollouts;
mod shape;
mod standing;
mod story;
mod watching;
mod ways_back;
