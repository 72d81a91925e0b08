//! The store against real folders.
#![expect(clippy::unwrap_used, reason = "tests")]

mod crash;
mod damage;
mod disk;
mod import;
mod remove;
mod seal;
mod stage;
mod support;
