//! Live proofs against real servers, each started by its test on a free loopback port.

#![expect(clippy::unwrap_used, reason = "tests")]

mod connections;
mod databases;
mod redis;
mod servers;
mod sessions;
mod world;
