//! Real agents, real shims, real processes.

#![expect(clippy::unwrap_used, reason = "tests")]

mod abuse;
mod agent;
mod command;
mod environment;
mod kept;
mod proof;
mod releases;
mod rig;
mod service;
mod units;
