//! The proxy as a process of its own, between real servers and real clients.

#![expect(clippy::unwrap_used, reason = "tests")]

mod admin;
mod canary;
mod client;
mod forwarding;
mod handover;
mod holding;
mod proxy;
mod restart;
mod server;
mod switching;
mod upgrades;
