//! What speaks against a release and does not suffice to reject it: then nothing is known, and that is never a pass.
//!
//! A release may fail for everybody and still not be rejected: two clients are too few to be told from two scripts that would fail anyway,
//! and with all of the traffic there may be no record to compare with. Such a release must not go on. But neither must a good one be taken
//! back because of a script, so that a doubt is *settled* where it can be: when most of the candidate's clients get no such error, or when
//! the current release gives fewer of them now than its record has, by as many as the candidate has too many.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::beta::regularized;
use super::canary::Canary;
use super::clients::Clients;
use super::grouped;
use crate::counts::{Counts, Metric};

/// What speaks against a release in one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Doubt {
    /// Which metric; of errors of several kinds the one that has most.
    pub metric: Metric,
    /// What the errors are, in words: the metric's label, or that they are of several kinds.
    pub what: String,
    /// The candidate's errors at this share.
    pub errors: u64,
    /// Of so many requests.
    pub requests: u64,
    /// What they were compared with, in words, as in [`super::Rejection`].
    pub against: String,
    /// The evidence that is left, an e-value.
    pub evidence: f64,
    /// Why it does not suffice.
    pub why: String,
    /// Why it does not stand in the way all the same; `None` when it does.
    pub settled: Option<String>,
}

impl Doubt {
    /// Whether the verdict is unknown because of it.
    pub fn stands(&self) -> bool {
        self.settled.is_none()
    }

    /// All of it in one sentence, its reason last.
    pub fn words(&self) -> String {
        let Self { errors, requests, what, against, why, .. } = self;
        let (errors, requests) = (grouped(*errors), grouped(*requests));
        match &self.settled {
            None => format!("{errors} of {requests} requests are {what}, against {against}; {why}"),
            Some(settled) => format!("{errors} of {requests} requests are {what}, but {settled}; {why}"),
        }
    }
}

/// Errors and requests of each metric.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Tally {
    pub(super) errors: [u64; Metric::ALL.len()],
    pub(super) requests: [u64; Metric::ALL.len()],
}

impl Tally {
    pub(super) fn add(&mut self, counts: &Counts, slow: u64) {
        for (index, metric) in Metric::ALL.into_iter().enumerate() {
            self.errors[index] += counts.errors(metric, slow);
            self.requests[index] += super::observable(counts, metric);
        }
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        for index in 0..Metric::ALL.len() {
            self.errors[index] += other.errors[index];
            self.requests[index] += other.requests[index];
        }
        self
    }

    /// Errors of all kinds but latency, of all requests: each request is of one kind at most.
    pub(super) fn of_any_kind(&self) -> (u64, u64) {
        let kinds = Metric::ALL.into_iter().zip(self.errors).filter(|(metric, _)| *metric != Metric::Latency);
        (kinds.map(|(_, errors)| errors).sum(), self.requests[0])
    }
}

/// Errors that are weighed alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Kind {
    /// A base of which nothing is known is taken to have had one in so many requests.
    once_in: f64,
    /// Fewer than one in so many requests are no doubt, whatever was before.
    one_of: u64,
}

/// What a service that serves does not do, whoever asks.
const RARE: Kind = Kind { once_in: 1000.0, one_of: 4 };
/// What depends on who asks and for what.
const USUAL: Kind = Kind { once_in: 4.0, one_of: 2 };

impl Kind {
    /// Of a metric. Slow requests are no failed ones.
    pub(super) fn of(metric: Metric) -> Option<Self> {
        match metric {
            Metric::ServerErrors | Metric::Unreachable => Some(RARE),
            Metric::Unauthorized | Metric::LoginRedirects | Metric::ClientErrors => Some(USUAL),
            Metric::Latency => None,
        }
    }

    /// Of errors of several kinds.
    pub(super) const ANY: Self = USUAL;

    /// Whether it says something where nothing served before.
    pub(super) fn speaks_for_itself(self) -> bool {
        self == RARE
    }

    /// Whether so many of these requests failed, as (errors, requests), although of those before it hardly any did, that it happens by
    /// chance once in 1/`alpha` times: a binomial tail at the rate before, or where that is greater at the rate with one error in
    /// `once_in` requests added. That is what makes few requests count less where less is known: after a clean record of 1,000 a single
    /// failed request is enough; with none at all one 5xx, and five 401s in a row.
    pub(super) fn fails(self, (errors, requests): (u64, u64), before: (u64, u64), alpha: f64) -> bool {
        if errors == 0 || errors * self.one_of < requests {
            return false;
        }
        let known = if before.1 == 0 { 0.0 } else { before.0 as f64 / before.1 as f64 };
        let rate = known.max((before.0 as f64 + 1.0) / (before.1 as f64 + self.once_in));
        // At least so many of so many: DLMF 8.17.5. Chances that are equal but for rounding are equal.
        regularized(errors as f64, (requests - errors) as f64 + 1.0, rate.min(1.0)) <= alpha * (1.0 + 1e-9)
    }
}

/// Why errors beside the current release say nothing against the candidate, if they do not. `before` is the current release's record in
/// this metric, errors and requests; `by_clients` the logarithm of the evidence by clients.
pub(super) fn settled(canary: &Canary, clients: &Clients, before: (u64, u64), by_clients: f64) -> Option<String> {
    /// An e-value that one failing client cannot reach at any share, and two that both are the candidate's do.
    const FEW: f64 = 20.0;
    if by_clients < FEW.ln()
        && let Some((well, all)) = clients.most_are_well()
    {
        return Some(format!("{} of its {} clients get none", grouped(well), grouped(all)));
    }
    moved_here(canary, before)
        .then(|| format!("the current release had as many before: {} of {}", grouped(before.0), grouped(before.1)))
}

/// Whether the current release lacks errors that its record has, at least half as many as the candidate has too many: then it is a client
/// that has errors anyway, and moved from the one to the other. Of a worse candidate's errors the current release would lack none.
fn moved_here(canary: &Canary, (errors, requests): (u64, u64)) -> bool {
    if errors == 0 || requests == 0 {
        return false;
    }
    let rate = errors as f64 / requests as f64;
    let (mine, theirs) = (canary.requests as f64, canary.current_requests as f64);
    let excess = canary.errors as f64 - rate * mine;
    let lacking = rate * theirs - canary.current_errors as f64;
    // Few requests do not tell much: half a standard deviation of what they lack; nor does a short record: a whole one of its own.
    let spread = rate * (1.0 - rate);
    let (of_requests, of_record) = ((theirs * spread).sqrt(), theirs * (spread / requests as f64).sqrt());
    excess > 0.0 && lacking >= 0.5 * (excess + of_requests) + of_record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_requests_count_more_where_more_is_known() {
        // (requests, all of which fail; errors and requests before; kind) -> whether it is a doubt.
        for (failed, before, kind, doubtful) in [
            (1, (0, 0), RARE, true),
            (4, (0, 0), USUAL, false),
            (5, (0, 0), USUAL, true),
            (1, (0, 90), USUAL, false),
            (2, (0, 90), USUAL, true),
            (1, (0, 1_000), USUAL, true),
            (1, (5, 500), RARE, false),
            (2, (5, 500), RARE, true),
            (100, (1_000, 1_000), RARE, false),
            (3, (4_000, 10_000), USUAL, false),
            (8, (4_000, 10_000), USUAL, true),
            (1_000, (10_000, 10_000), USUAL, false),
        ] {
            assert_eq!(kind.fails((failed, failed), before, 0.001), doubtful, "{failed} after {before:?}, {kind:?}");
        }
        assert!(!RARE.fails((0, 0), (0, 0), 0.001), "nobody came");
        let of_a_hundred = |kind: Kind| (1..=100).find(|&errors| kind.fails((errors, 100), (0, 10_000), 0.001));
        assert_eq!([RARE, USUAL].map(of_a_hundred), [Some(25), Some(50)]);
    }

    #[test]
    fn a_client_that_moved_is_told_from_a_release_that_fails() {
        let mut script = Canary::default();
        script.observe(0.1, (80, 160), (0, 640));
        assert!(moved_here(&script, (1_000, 10_000)), "a tenth of all requests before, and now");
        assert!(!moved_here(&script, (0, 10_000)), "there were none before");
        assert!(!moved_here(&script, (10, 10_000)), "there were few before");
        let mut fails = Canary::default();
        fails.observe(0.1, (80, 80), (72, 720));
        assert!(!moved_here(&fails, (1_000, 10_000)), "the current release has as many as before");
        assert!(!moved_here(&script, (2, 20)), "too little is known of before");
    }
}
