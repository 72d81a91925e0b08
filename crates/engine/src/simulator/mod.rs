//! A world in memory, seeded, that crashes and tears on purpose: the engine's proving ground.
//!
//! One [`World`] holds a logbook, a host, a proxy and the hours. Between any two things that an engine does there is a boundary;
//! a [`Fault`] at a boundary kills the driver before, after or in the middle of what comes there. Nothing in it uses threads or
//! real time, so that a seed reproduces a run exactly.

mod chance;
mod clients;
mod faults;
mod journal;
mod scenario;
mod world;

pub use chance::Chance;
pub use faults::{Fault, Moment};
pub use scenario::{Before, Ending, Scenario, append, drive_to_the_end, fold, open_rollout, ports};
pub use world::{Behaviour, World};
