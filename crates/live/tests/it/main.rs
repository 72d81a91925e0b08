//! Live proofs against real servers, each started by its test on a free loopback port.

#![expect(clippy::unwrap_used, reason = "tests")]

mod certificates;
mod connections;
mod database_servers;
mod databases;
mod encrypted;
mod encrypted_databases;
mod redis;
mod servers;
mod sessions;
mod world;
