//! The effects, by target.
//!
//! [`local`] is the target that is there now: this machine, through its agent, with traffic through the environment's proxy. To add
//! a target, copy its shape: one folder with a [`sternway_engine::Driver`] of its own. [`proxy`] is shared by all targets that
//! have traffic.

pub mod local;
pub mod proxy;
