//! A candidate beside the current release: whose share of the errors is it?

use super::grouped;
use super::mixture::{log_evidence, log_evidence_at_most};

/// One metric at one share of traffic, over all looks so far.
///
/// Of `n` errors of both releases in the same time the candidate's `k` are judged against the share `p` that would be its own if it
/// were no worse. Which share is that? Not simply the nominal one: clients stick to a release by cookie, and a few heavy ones may give
/// the candidate 13% of the requests where 10% were meant; nor the observed one over the whole step: an outage that both releases
/// share for a moment in which the candidate happens to have more of the traffic would count against it. Hence
///
/// ```text
/// p = max(nominal share, sum over windows of errors_j * share_j / sum of errors_j)
/// ```
///
/// with `share_j` the candidate's part of the requests of window `j`: the part of the errors that a candidate which is no worse gets
/// on average. Given each window's requests its errors are then hypergeometric, which spreads less than a binomial with the same
/// mean (Hoeffding 1963, *JASA* 58, section 6; for the sum over windows Hoeffding 1956), and the evidence is convex in `k`: its mean at
/// any look is at most 1. With the nominal share as a floor the first few requests cannot make `p` small by chance, and since the
/// evidence falls with `p`, the greater of the two keeps what either guarantees. The simulations of this module confirm it over
/// all looks together, with heavy clients and with outages that both releases share.
///
/// A window must be long enough to tell shares apart (a window of one request is all the candidate's or not at all), and short
/// enough to tell an outage from the time around it. It is closed when the candidate's nominal part of it is [`WINDOW`] requests; until
/// then its share so far counts.
///
/// What this cannot see: shared outages shorter than a window, and errors that belong to *clients* and not to requests; for these there is
/// [`super::clients`].
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Canary {
    /// The candidate's errors and requests.
    pub(super) errors: u64,
    pub(super) requests: u64,
    /// The current release's.
    pub(super) current_errors: u64,
    pub(super) current_requests: u64,
    /// Of the errors in closed windows, how many were to be expected of the candidate.
    expected: f64,
    open: Window,
}

/// Nominal requests of the candidate in a window. Errors fall into windows in which it has more requests than usual, which raises `p` by
/// about one part in [`WINDOW`], at a tenth of the traffic from 0.10 to 0.12: 8% of the evidence.
const WINDOW: f64 = 5.0;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Window {
    candidate: u64,
    requests: u64,
    errors: u64,
}

impl Window {
    fn expected(self) -> f64 {
        if self.requests == 0 { 0.0 } else { self.errors as f64 * self.candidate as f64 / self.requests as f64 }
    }
}

impl Canary {
    /// Takes in what was added since the last look: (errors, requests) of each release; `nominal` is the candidate's share of traffic.
    pub(super) fn observe(&mut self, nominal: f64, candidate: (u64, u64), current: (u64, u64)) {
        self.errors += candidate.0;
        self.requests += candidate.1;
        self.current_errors += current.0;
        self.current_requests += current.1;
        self.open.candidate += candidate.1;
        self.open.requests += candidate.1 + current.1;
        self.open.errors += candidate.0 + current.0;
        if self.open.requests as f64 * nominal >= WINDOW {
            self.expected += self.open.expected();
            self.open = Window::default();
        }
    }

    /// The share of the errors that would be the candidate's if it were no worse.
    pub(super) fn share(&self, nominal: f64) -> f64 {
        let errors = self.errors + self.current_errors;
        if errors == 0 { nominal } else { nominal.max((self.expected + self.open.expected()) / errors as f64) }
    }

    /// Logarithm of the evidence that the candidate is worse.
    pub(super) fn log_evidence(&self, nominal: f64) -> f64 {
        log_evidence(self.errors as f64, (self.errors + self.current_errors) as f64, self.share(nominal))
    }

    /// What the candidate is compared with, in words.
    pub(super) fn against(&self) -> String {
        format!("current: {} of {} requests", grouped(self.current_errors), grouped(self.current_requests))
    }

    /// A quick bound of it from above.
    pub(super) fn log_evidence_at_most(&self, nominal: f64) -> f64 {
        log_evidence_at_most(self.errors as f64, (self.errors + self.current_errors) as f64, self.share(nominal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavy_clients_raise_the_share_that_is_expected() {
        let mut canary = Canary::default();
        for _ in 0..100 {
            canary.observe(0.1, (3, 30), (7, 70));
        }
        assert!((canary.share(0.1) - 0.3).abs() < 1e-9);
        assert!(canary.log_evidence(0.1) < 0.0);
    }

    #[test]
    fn an_outage_that_both_share_while_the_candidate_has_more_traffic_is_not_its_fault() {
        let mut canary = Canary::default();
        for _ in 0..100 {
            canary.observe(0.1, (0, 100), (0, 900));
        }
        for _ in 0..10 {
            canary.observe(0.1, (50, 100), (50, 100));
        }
        assert!(canary.log_evidence(0.1) < 0.0, "{}", canary.log_evidence(0.1));
    }

    #[test]
    fn looking_after_every_request_loses_no_errors_of_a_bad_candidate() {
        let mut canary = Canary::default();
        for _ in 0..6 {
            canary.observe(0.1, (1, 1), (0, 0));
            for _ in 0..9 {
                canary.observe(0.1, (0, 0), (0, 1));
            }
        }
        assert!(canary.log_evidence(0.1) > 6000.0_f64.ln());
    }

    #[test]
    fn without_anything_to_compare_with_nothing_is_said() {
        let mut canary = Canary::default();
        canary.observe(0.1, (50, 50), (0, 0));
        assert!(canary.log_evidence(0.1).abs() < 1e-9);
    }
}
