//! The resident part: drives rollouts, takes over expired leases, runs jobs.
