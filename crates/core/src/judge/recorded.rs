//! A candidate that has all of the traffic: is it worse than its base was?
//!
//! All clients are on one side here, in the record as in the candidate's traffic, so that a script which fails wherever it lands adds to
//! both. What this cannot see is a script whose errors come in bursts of dozens: they are not independent, and the bound on the
//! base's rate takes them to be.

use super::beta::quantile;
use super::mixture::{log_evidence, log_evidence_at_most};

/// Below this rate nothing is rejected: one error in a thousand is what any release may do, also after a record without errors.
const LEAST: f64 = 0.001;
/// How surely the base's true rate is below what the candidate is compared with.
const CONFIDENCE: f64 = 0.99;

/// One metric of the new current release against the record of the one before.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Recorded {
    pub(super) errors: u64,
    pub(super) requests: u64,
}

impl Recorded {
    /// Takes in what was added since the last look.
    pub(super) fn observe(&mut self, errors: u64, requests: u64) {
        self.errors += errors;
        self.requests += requests;
    }

    /// Logarithm of the evidence that the rate is above `tolerated`.
    pub(super) fn log_evidence(&self, tolerated: f64) -> f64 {
        log_evidence(self.errors as f64, self.requests as f64, tolerated)
    }

    /// A quick bound of it from above.
    pub(super) fn log_evidence_at_most(&self, tolerated: f64) -> f64 {
        log_evidence_at_most(self.errors as f64, self.requests as f64, tolerated)
    }
}

/// The error rate that a release may have after a base with `errors` in `requests`: the one-sided 99% upper bound of the base's own
/// rate (Clopper & Pearson, *Biometrika* 26, 1934: a quantile of the Beta distribution), at least 0.1%.
pub(super) fn tolerated(errors: u64, requests: u64) -> f64 {
    if errors >= requests {
        return 1.0;
    }
    quantile(errors as f64 + 1.0, (requests - errors) as f64, CONFIDENCE).max(LEAST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_bound_has_its_known_values() {
        // Without errors it is 1 - 0.01^(1/n); with one in ten it is the root of the binomial's tail, as tables give it.
        assert!((tolerated(0, 500) - (1.0 - 0.01_f64.powf(1.0 / 500.0))).abs() < 1e-12);
        assert!((tolerated(1, 10) - 0.504_4).abs() < 1e-4, "{}", tolerated(1, 10));
        assert!((tolerated(0, 10_000) - LEAST).abs() < 1e-12, "a clean record leaves 0.1%");
        assert!((tolerated(7, 7) - 1.0).abs() < 1e-12);
        assert!((0.0232..0.0238).contains(&tolerated(200, 10_000)), "{}", tolerated(200, 10_000));
    }

    #[test]
    fn two_failures_at_once_decide_after_a_clean_record() {
        let mut recorded = Recorded::default();
        recorded.observe(1, 1);
        assert!(recorded.log_evidence(LEAST) < 6000.0_f64.ln());
        recorded.observe(1, 1);
        assert!(recorded.log_evidence(LEAST) > 6000.0_f64.ln());
    }

    proptest! {
        #[test]
        fn the_bound_lies_above_the_observed_rate_and_grows_with_errors(n in 2_u64..10_000, share in 0.0_f64..1.0) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "less than n")]
            let k = ((n - 1) as f64 * share) as u64;
            prop_assert!(tolerated(k, n) > k as f64 / n as f64);
            prop_assert!(tolerated(k + 1, n) >= tolerated(k, n));
        }
    }
}
