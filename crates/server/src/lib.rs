//! The resident part: drives rollouts, takes over expired leases, runs jobs.
//!
//! It knows no capability: rollouts are driven through the engine's ports, and jobs come from the composition root.

mod driving;
mod resident;

pub use resident::{Job, PortsOf, Resident, ServerError};
