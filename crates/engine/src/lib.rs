//! The only loop: fold, next, run, append.
//!
//! [`Session`] drives one environment under a lease. What it drives through are ports: a [`Journal`] (the logbook), a [`Driver`]
//! (hosts and traffic), [`Traffic`] (what the proxy counted), [`Checks`] (smoke tests and monitors) and a [`Clock`]. The real ones
//! are wired by the binary; [`simulator`] has seeded ones that crash, tear and lie on purpose.

mod checkpoint;
mod confirm;
pub mod journal;
pub mod ports;
pub mod session;
pub mod simulator;
mod smoke;
mod watch;

pub use journal::{CheckpointStands, LogbookJournal};
pub use ports::{
    Checks, Clock, Driver, Held, Journal, JournalError, Order, Traffic, TrafficOf, TrafficRecord, Unreachable,
};
pub use session::{EngineError, Idle, Session};
