//! Capabilities, made to fit the engine's ports. One file a capability; nothing else knows both sides.

pub(crate) mod checks;
pub(crate) mod clock;
pub(crate) mod code_reads;
pub(crate) mod consistency;
pub(crate) mod facts;
pub(crate) mod jobs;
pub(crate) mod live;
pub(crate) mod machine;
pub(crate) mod parts;
pub(crate) mod ports;
mod processes;
pub(crate) mod prover;
pub(crate) mod signals;
mod standing;
pub(crate) mod watch;
