//! The driver of this machine against agents and proxies that are away, that hang, or that take their time.
#![expect(clippy::unwrap_used, reason = "tests")]

mod plans;
mod watching;
