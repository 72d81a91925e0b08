//! What runs on a host: the agent, the shim beside each instance, and the protocol between the agent and the rest.
//!
//! The agent ([`agent::run`]) answers requests ([`protocol`], [`client`]) on a unix socket. It starts one shim ([`shim::run`]) for
//! each thing that must run; the two share a folder ([`folder`]) and nothing else, so that either survives the other.

pub mod agent;
pub mod backoff;
pub mod carried;
pub mod client;
mod clock;
mod durable;
pub mod folder;
pub mod log;
pub mod process;
pub mod protocol;
pub mod prover;
mod ready;
mod secrets;
pub mod shim;
