//! The effects, by target.
