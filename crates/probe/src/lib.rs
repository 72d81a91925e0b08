//! Checks: one evaluated question each, with time-outs as answers.
//!
//! [`Prober::evaluate`] asks one [`Check`](sternway_core::check::Check) of a [`Subject`] (the candidate, or the environment through
//! its proxy) and answers pass, fail or unknown. A server that refuses, hangs, drips or lies has been asked and is not good: that
//! is *fail*. What keeps us from asking (a secret without a value, a URL that is none, a name that does not resolve) is *unknown*.

mod address;
mod command;
mod expect;
mod http;
mod prober;
mod secrets;
mod subject;
mod tcp;

pub use prober::{Prober, Unavailable};
pub use secrets::Secrets;
pub use subject::Subject;

use sternway_core::verdict::Verdict;

/// What one question came to, before the time it took is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    verdict: Verdict,
    seen: String,
}

impl Outcome {
    fn pass(seen: impl Into<String>) -> Self {
        Self { verdict: Verdict::Pass, seen: seen.into() }
    }

    fn fail(seen: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fail, seen: seen.into() }
    }

    fn unknown(seen: impl Into<String>) -> Self {
        Self { verdict: Verdict::Unknown, seen: seen.into() }
    }
}
