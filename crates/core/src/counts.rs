//! What traffic looked like: counts by kind of error and a latency histogram, by release.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The ways in which a response is judged. Each is a metric of its own, because a wrong session store shows as 401 and 302 and
/// not as 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Responses 500 to 599 that the service itself gave.
    ServerErrors,
    /// Connections refused, reset before a response, or timed out.
    Unreachable,
    /// Responses 401 and 403.
    Unauthorized,
    /// Redirects to one of the environment's login pages.
    LoginRedirects,
    /// Other responses 400 to 499.
    ClientErrors,
    /// Responses slower than the base release's 99th percentile.
    Latency,
}

impl Metric {
    /// All metrics, in the order in which they are reported.
    pub const ALL: [Self; 6] = [
        Self::ServerErrors,
        Self::Unreachable,
        Self::Unauthorized,
        Self::LoginRedirects,
        Self::ClientErrors,
        Self::Latency,
    ];

    /// How a person reads it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ServerErrors => "5xx responses",
            Self::Unreachable => "connect failures and time-outs",
            Self::Unauthorized => "401/403 responses",
            Self::LoginRedirects => "redirects to the login page",
            Self::ClientErrors => "other 4xx responses",
            Self::Latency => "slow responses",
        }
    }
}

/// Requests of one release, by outcome. Each request is in `requests` and in at most one of the error counts, and each that got
/// a response is in `latency`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// All requests that ended.
    pub requests: u64,
    /// Responses 500 to 599.
    pub server_errors: u64,
    /// Connect failures, resets before a response, time-outs.
    pub unreachable: u64,
    /// Responses 401 and 403.
    pub unauthorized: u64,
    /// Redirects to a login page.
    pub login_redirects: u64,
    /// Other responses 400 to 499.
    pub client_errors: u64,
    /// Time from the request's arrival to the first byte of the response.
    pub latency: Histogram,
    /// How many clients had their first error of a kind among these requests; `None` when clients were not told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clients: Option<FailingClients>,
    /// Of `unreachable`, those that the current release answered in the candidate's place: their users noticed nothing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub spared: u64,
}

/// Clients by kind of error, each counted once in a canary: where it got its first error of that kind, as the candidate's client or as
/// the current release's. A client that keeps no cookie is drawn anew with each request, and is another client each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FailingClients {
    /// Responses 500 to 599.
    #[serde(skip_serializing_if = "is_zero")]
    pub server_errors: u64,
    /// Connect failures, resets before a response, time-outs.
    #[serde(skip_serializing_if = "is_zero")]
    pub unreachable: u64,
    /// Responses 401 and 403.
    #[serde(skip_serializing_if = "is_zero")]
    pub unauthorized: u64,
    /// Redirects to a login page.
    #[serde(skip_serializing_if = "is_zero")]
    pub login_redirects: u64,
    /// Other responses 400 to 499.
    #[serde(skip_serializing_if = "is_zero")]
    pub client_errors: u64,
    /// Responses that were slow by what the proxy knew when the canary began.
    #[serde(skip_serializing_if = "is_zero")]
    pub latency: u64,
    /// All clients who asked on this side at this share of traffic, failing or not, each once; about right from some thousands on. 0 where
    /// only those with errors were counted, as before this was known.
    #[serde(skip_serializing_if = "is_zero")]
    pub seen: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl FailingClients {
    /// The clients of one metric.
    pub const fn of(&self, metric: Metric) -> u64 {
        match metric {
            Metric::ServerErrors => self.server_errors,
            Metric::Unreachable => self.unreachable,
            Metric::Unauthorized => self.unauthorized,
            Metric::LoginRedirects => self.login_redirects,
            Metric::ClientErrors => self.client_errors,
            Metric::Latency => self.latency,
        }
    }

    /// The same, to be counted in.
    pub const fn of_mut(&mut self, metric: Metric) -> &mut u64 {
        match metric {
            Metric::ServerErrors => &mut self.server_errors,
            Metric::Unreachable => &mut self.unreachable,
            Metric::Unauthorized => &mut self.unauthorized,
            Metric::LoginRedirects => &mut self.login_redirects,
            Metric::ClientErrors => &mut self.client_errors,
            Metric::Latency => &mut self.latency,
        }
    }

    /// One number of each metric, and how many were seen.
    fn each(seen: u64, of: impl Fn(Metric) -> u64) -> Self {
        let mut clients = Self { seen, ..Self::default() };
        for metric in Metric::ALL {
            *clients.of_mut(metric) = of(metric);
        }
        clients
    }
}

impl Counts {
    /// The number of requests that count as an error of this metric; `slow` is the latency (in microseconds) above which a
    /// response is slow.
    pub fn errors(&self, metric: Metric, slow: u64) -> u64 {
        match metric {
            Metric::ServerErrors => self.server_errors,
            Metric::Unreachable => self.unreachable,
            Metric::Unauthorized => self.unauthorized,
            Metric::LoginRedirects => self.login_redirects,
            Metric::ClientErrors => self.client_errors,
            Metric::Latency => self.latency.above(slow),
        }
    }

    /// Requests that were an error of any kind but latency: each is of one kind at most.
    pub fn failed(&self) -> u64 {
        self.server_errors + self.unreachable + self.unauthorized + self.login_redirects + self.client_errors
    }

    /// Requests whose users were hurt: those that failed, less those that the current release answered after all.
    pub fn hurt(&self) -> u64 {
        self.failed().saturating_sub(self.spared)
    }

    /// What was added since `earlier`, a snapshot of the same counters. A counter that went back (its owner restarted) counts
    /// from zero.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        if self.requests < earlier.requests {
            return self.clone();
        }
        Self {
            requests: self.requests.saturating_sub(earlier.requests),
            server_errors: self.server_errors.saturating_sub(earlier.server_errors),
            unreachable: self.unreachable.saturating_sub(earlier.unreachable),
            unauthorized: self.unauthorized.saturating_sub(earlier.unauthorized),
            login_redirects: self.login_redirects.saturating_sub(earlier.login_redirects),
            client_errors: self.client_errors.saturating_sub(earlier.client_errors),
            latency: self.latency.since(&earlier.latency),
            clients: self.clients.map(|clients| {
                let before = earlier.clients.unwrap_or_default();
                let seen = clients.seen.saturating_sub(before.seen);
                FailingClients::each(seen, |metric| clients.of(metric).saturating_sub(before.of(metric)))
            }),
            spared: self.spared.saturating_sub(earlier.spared),
        }
    }

    /// How many clients had their first error of this metric here. Where they were not told apart, each error is a client's of its own.
    pub fn failing_clients(&self, metric: Metric, slow: u64) -> u64 {
        self.clients.map_or_else(|| self.errors(metric, slow), |clients| clients.of(metric))
    }

    /// Adds another's counts to these.
    pub fn add(&mut self, other: &Self) {
        // What was not told apart in a part is not told apart in the whole; nothing at all takes nothing from the other.
        self.clients = match (self.clients, other.clients) {
            (Some(mine), Some(others)) => {
                Some(FailingClients::each(mine.seen + others.seen, |metric| mine.of(metric) + others.of(metric)))
            }
            (mine, None) if other.requests == 0 => mine,
            (None, others) if self.requests == 0 => others,
            _ => None,
        };
        self.requests += other.requests;
        self.server_errors += other.server_errors;
        self.unreachable += other.unreachable;
        self.unauthorized += other.unauthorized;
        self.login_redirects += other.login_redirects;
        self.client_errors += other.client_errors;
        self.spared += other.spared;
        self.latency.add(&other.latency);
    }
}

/// A latency histogram with logarithmic buckets, eight to a doubling, so that a percentile is right to 9%.
///
/// Bucket `i` holds values `v` (microseconds) with `bound(i-1) < v <= bound(i)`, `bound(i) = 2^((i+1)/8)` rounded down; stored
/// sparsely as pairs of bucket and count, sorted by bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Histogram {
    /// (bucket, count), sorted by bucket, no bucket twice, no count zero.
    pub buckets: Vec<(u16, u64)>,
}

impl Histogram {
    /// The number of buckets that a writer must have room for: up to 2^32 microseconds, an hour and eleven minutes.
    pub const BUCKETS: usize = 256;

    /// The bucket of a latency in microseconds.
    pub fn bucket(micros: u64) -> u16 {
        if micros <= 1 {
            return 0;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "log2 of a u64 times 8 is 0 to 512"
        )]
        let guess = ((micros as f64).log2() * 8.0).ceil() as u16;
        let index = guess.saturating_sub(1);
        // Rounding may be off by one bucket next to a bound: settle it against the bounds themselves.
        let index = if Self::bound(index) < micros { index + 1 } else { index };
        index.min(u16::try_from(Self::BUCKETS - 1).unwrap_or(u16::MAX))
    }

    /// The largest latency in microseconds that falls into this bucket.
    pub fn bound(bucket: u16) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "2^32 and less")]
        let bound = (f64::from(bucket + 1) / 8.0).exp2() as u64;
        bound
    }

    /// Counts one latency.
    pub fn record(&mut self, micros: u64) {
        self.bump(Self::bucket(micros), 1);
    }

    fn bump(&mut self, bucket: u16, count: u64) {
        match self.buckets.binary_search_by_key(&bucket, |entry| entry.0) {
            Ok(index) => self.buckets[index].1 += count,
            Err(index) => self.buckets.insert(index, (bucket, count)),
        }
    }

    /// How many latencies were recorded.
    pub fn total(&self) -> u64 {
        self.buckets.iter().map(|entry| entry.1).sum()
    }

    /// How many latencies lie in buckets wholly above `micros`.
    pub fn above(&self, micros: u64) -> u64 {
        let limit = Self::bucket(micros);
        self.buckets.iter().filter(|entry| entry.0 > limit).map(|entry| entry.1).sum()
    }

    /// The upper bound of the bucket in which the given share (0 to 1) of the latencies is reached; `None` when empty.
    pub fn percentile(&self, share: f64) -> Option<u64> {
        let total = self.total();
        let mut seen = 0;
        self.buckets.iter().find_map(|&(bucket, count)| {
            seen += count;
            (seen as f64 >= share * total as f64).then(|| Self::bound(bucket))
        })
    }

    /// What was added since an earlier snapshot of the same histogram.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let before = |bucket: u16| {
            earlier.buckets.binary_search_by_key(&bucket, |entry| entry.0).map_or(0, |index| earlier.buckets[index].1)
        };
        let buckets = self
            .buckets
            .iter()
            .map(|&(bucket, count)| (bucket, count.saturating_sub(before(bucket))))
            .filter(|entry| entry.1 > 0)
            .collect();
        Self { buckets }
    }

    /// Adds another histogram's counts.
    pub fn add(&mut self, other: &Self) {
        for &(bucket, count) in &other.buckets {
            self.bump(bucket, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_latency_falls_into_the_bucket_that_bounds_it() {
        for micros in (0..20_000).chain([1 << 20, (1 << 20) + 1, 1 << 31]) {
            let bucket = Histogram::bucket(micros);
            assert!(Histogram::bound(bucket) >= micros, "{micros} above the bound of {bucket}");
            assert!(
                bucket == 0 || Histogram::bound(bucket - 1) < micros.max(2),
                "{micros} fits a bucket below {bucket}"
            );
        }
    }

    #[test]
    fn a_percentile_is_right_to_nine_percent() {
        let mut histogram = Histogram::default();
        (1..=10_000).for_each(|micros| histogram.record(micros));
        let p99 = histogram.percentile(0.99).unwrap();
        assert!((9_900..=10_800).contains(&p99), "{p99}");
        assert_eq!(histogram.total(), 10_000);
    }

    #[test]
    fn counters_that_went_back_count_from_zero() {
        let before = Counts { requests: 100, server_errors: 3, ..Counts::default() };
        let after = Counts { requests: 7, server_errors: 1, ..Counts::default() };
        assert_eq!(after.since(&before), after);
    }

    #[test]
    fn clients_add_up_where_all_were_told_apart() {
        let clients = |unauthorized| Some(FailingClients { unauthorized, ..FailingClients::default() });
        let told = |requests, of| Counts { requests, unauthorized: 5, clients: clients(of), ..Counts::default() };
        let mut sum = Counts::default();
        sum.add(&told(10, 2));
        sum.add(&told(10, 1));
        sum.add(&Counts::default());
        assert_eq!(sum.failing_clients(Metric::Unauthorized, 0), 3);
        assert_eq!(sum.since(&told(10, 2)).clients, clients(1));
        sum.add(&Counts { requests: 10, unauthorized: 5, ..Counts::default() });
        assert_eq!((sum.clients, sum.failing_clients(Metric::Unauthorized, 0)), (None, 15));
    }

    #[test]
    fn counts_of_before_clients_were_counted_are_read_and_written_as_they_were() {
        let text = r#"{"requests":1,"server_errors":0,"unreachable":0,"unauthorized":1,"login_redirects":0,"client_errors":0,"latency":{"buckets":[]}}"#;
        let counts: Counts = serde_json::from_str(text).unwrap();
        assert_eq!((counts.clients, serde_json::to_string(&counts).unwrap()), (None, text.to_owned()));
        let told = Counts { clients: Some(FailingClients { unauthorized: 1, ..FailingClients::default() }), ..counts };
        let written = serde_json::to_string(&told).unwrap();
        assert!(written.ends_with(r#","clients":{"unauthorized":1}}"#), "{written}");
        assert_eq!(serde_json::from_str::<Counts>(&written).unwrap(), told);
    }
}
