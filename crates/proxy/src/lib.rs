//! Routing, switching, holding, draining, canary and counters by release.

pub mod protocol;
