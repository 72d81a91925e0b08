//! Rules about what code does: what still compiles and throws, warns or means something else.
//!
//! The keys are those of the table, whose header says what each means. A rule speaks only where the code is certain: of literals, and of what was
//! assigned in the same function.

mod arguments;
mod callables;
mod loops;
mod methods;
mod names;
mod numbers;
mod offsets;
mod operators;
mod properties;

pub(super) use operators::{steps_after, steps_before};

use super::examine::Examiner;
use crate::facts::Kind;
use crate::seen::Confidence;

impl Examiner<'_> {
    /// A rule of behaviour.
    pub(super) fn does(&mut self, key: &'static str, at: u32) {
        self.rule(Kind::Behaviour, key, at, Confidence::High);
    }
}
