//! The store against real folders.
#![expect(clippy::unwrap_used, reason = "tests")]

mod damage;
mod import;
mod remove;
mod seal;
mod stage;
mod support;
