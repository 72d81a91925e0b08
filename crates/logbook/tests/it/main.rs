//! The logbook on a real disk, with real processes.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::print_stdout, reason = "child processes answer on standard output")]

mod appending;
mod checkpoint;
mod child;
mod decoding;
mod full_disk;
mod leases;
mod opening;
mod processes;
mod property;
mod support;
mod tampering;
mod waiting;
