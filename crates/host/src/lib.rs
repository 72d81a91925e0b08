//! What runs on a host: the agent, the shim beside each instance, and the store of releases.

pub mod protocol;
