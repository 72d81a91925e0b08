//! Counts by release, written by every request and read now and then.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{LazyLock, Mutex, PoisonError};

use http::{HeaderValue, StatusCode};
use sternway_core::counts::{Counts, FailingClients, Histogram, Metric};
use sternway_core::ids::ReleaseNumber;

use crate::protocol::ReleaseCounts;
use crate::record::Record;
use crate::seen;

/// In which part a release answered a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Current,
    Candidate,
}

/// How a request ended, as the judge sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Fine,
    ServerError,
    Unauthorized,
    LoginRedirect,
    ClientError,
}

impl Outcome {
    /// What a response means; `to_login` is asked only of redirects.
    pub(crate) fn of(status: StatusCode, to_login: impl FnOnce() -> bool) -> Self {
        match status.as_u16() {
            500..=599 => Self::ServerError,
            401 | 403 => Self::Unauthorized,
            400..=499 => Self::ClientError,
            300..=399 if to_login() => Self::LoginRedirect,
            _ => Self::Fine,
        }
    }

    /// The metric of which it is an error.
    pub(crate) fn metric(self) -> Option<Metric> {
        match self {
            Self::Fine => None,
            Self::ServerError => Some(Metric::ServerErrors),
            Self::Unauthorized => Some(Metric::Unauthorized),
            Self::LoginRedirect => Some(Metric::LoginRedirects),
            Self::ClientError => Some(Metric::ClientErrors),
        }
    }

    /// Whether a user was hurt: other 4xx are mostly the user's own doing (a page that never was) and name nobody.
    pub(crate) fn hurts(self) -> bool {
        matches!(self, Self::ServerError | Self::Unauthorized | Self::LoginRedirect)
    }
}

/// Everything that is counted of one release.
#[derive(Debug)]
pub(crate) struct Release {
    pub(crate) number: ReleaseNumber,
    /// The value of the response header `sternway-release`.
    pub(crate) header: HeaderValue,
    pub(crate) current: Counters,
    pub(crate) candidate: Counters,
    pub(crate) record: Mutex<Record>,
    failed: Mutex<HashSet<u64>>,
}

/// Distinct failed clients are told apart up to this many.
const CLIENTS: usize = 10_000;

impl Release {
    pub(crate) fn new(number: ReleaseNumber) -> Self {
        Self {
            number,
            header: HeaderValue::from(number.0),
            current: Counters::default(),
            candidate: Counters::default(),
            record: Mutex::default(),
            failed: Mutex::default(),
        }
    }

    pub(crate) fn role(&self, role: Role) -> &Counters {
        match role {
            Role::Current => &self.current,
            Role::Candidate => &self.candidate,
        }
    }

    /// Remembers that this client got a failure.
    pub(crate) fn hurt(&self, client: u64) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() < CLIENTS {
            failed.insert(client);
        }
    }

    /// Counts now; `open` comes from the targets.
    pub(crate) fn counts(&self, open: u64) -> ReleaseCounts {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner).len();
        ReleaseCounts {
            current: self.current.snapshot(),
            candidate: self.candidate.snapshot(),
            open,
            failed_clients: failed as u64,
        }
    }
}

/// Counts of one release in one role. A request that was answered is one increment of `latency` and at most one of an error.
#[derive(Debug)]
pub(crate) struct Counters {
    latency: Box<[AtomicU64]>,
    server_errors: AtomicU64,
    unreachable: AtomicU64,
    unauthorized: AtomicU64,
    login_redirects: AtomicU64,
    client_errors: AtomicU64,
    /// Of `unreachable`, what the current release answered in the candidate's place.
    spared: AtomicU64,
    /// Clients whose first error of a kind in a canary was here, by metric.
    clients: [AtomicU64; Metric::ALL.len()],
    /// Clients who asked here in a canary, in parts of [`seen::UNIT`].
    seen: AtomicU64,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            latency: (0..Histogram::BUCKETS).map(|_| AtomicU64::new(0)).collect(),
            server_errors: AtomicU64::new(0),
            unreachable: AtomicU64::new(0),
            unauthorized: AtomicU64::new(0),
            login_redirects: AtomicU64::new(0),
            client_errors: AtomicU64::new(0),
            spared: AtomicU64::new(0),
            clients: Default::default(),
            seen: AtomicU64::new(0),
        }
    }
}

/// The upper bounds of the histogram's buckets: looked up instead of computed, because computing needs a logarithm.
static BOUNDS: LazyLock<Vec<u64>> =
    LazyLock::new(|| (0..u16::try_from(Histogram::BUCKETS).unwrap_or(u16::MAX)).map(Histogram::bound).collect());

/// Whether the judge counts a response that took `micros` as slower than `slow`, in microseconds both: it sees whole buckets.
pub(crate) fn is_slower(micros: u64, slow: u64) -> bool {
    bucket(micros) > bucket(slow)
}

fn bucket(micros: u64) -> usize {
    BOUNDS.partition_point(|bound| *bound < micros).min(Histogram::BUCKETS - 1)
}

impl Counters {
    /// Counts a response that came after `micros` microseconds.
    pub(crate) fn answered(&self, outcome: Outcome, micros: u64) {
        self.latency[bucket(micros)].fetch_add(1, Relaxed);
        match outcome {
            Outcome::Fine => return,
            Outcome::ServerError => &self.server_errors,
            Outcome::Unauthorized => &self.unauthorized,
            Outcome::LoginRedirect => &self.login_redirects,
            Outcome::ClientError => &self.client_errors,
        }
        .fetch_add(1, std::sync::atomic::Ordering::Release);
    }

    /// Counts a request that got no response.
    pub(crate) fn unreachable(&self) {
        self.unreachable.fetch_add(1, Relaxed);
    }

    /// Of those that got no response, counts one that the current release answers in the candidate's place.
    pub(crate) fn spared(&self) {
        self.spared.fetch_add(1, std::sync::atomic::Ordering::Release);
    }

    /// Counts a client's request in a canary, by as much as the number of clients grows with it.
    pub(crate) fn client_seen(&self, grows: u64) {
        if grows > 0 {
            self.seen.fetch_add(grows, Relaxed);
        }
    }

    /// Counts a client who got its first error of this kind.
    pub(crate) fn client_failed(&self, metric: Metric) {
        self.clients[metric as usize].fetch_add(1, Relaxed);
    }

    /// The counts now. Clients with errors are read before errors, what was spared before what got no response, and errors before
    /// requests, so that there are never more of the one than of the other; all clients come last.
    pub(crate) fn snapshot(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(std::sync::atomic::Ordering::Acquire);
        let mut clients = FailingClients::default();
        for (metric, counter) in Metric::ALL.into_iter().zip(&self.clients) {
            *clients.of_mut(metric) = read(counter);
        }
        let spared = read(&self.spared);
        let mut counts = Counts {
            requests: 0,
            server_errors: read(&self.server_errors),
            unreachable: read(&self.unreachable),
            unauthorized: read(&self.unauthorized),
            login_redirects: read(&self.login_redirects),
            client_errors: read(&self.client_errors),
            latency: Histogram::default(),
            clients: None,
            spared,
        };
        for (index, counter) in (0u16..).zip(&self.latency) {
            let count = counter.load(Relaxed);
            if count > 0 {
                counts.latency.buckets.push((index, count));
            }
        }
        counts.requests = counts.latency.total() + counts.unreachable;
        counts.clients = Some(FailingClients { seen: read(&self.seen) / seen::UNIT, ..clients });
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_that_is_looked_up_is_the_one_that_is_computed() {
        for micros in (0..10_000).chain((0..45).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1])) {
            assert_eq!(bucket(micros), usize::from(Histogram::bucket(micros)), "{micros}");
        }
    }

    #[test]
    fn each_response_is_counted_once_by_its_kind() {
        let counters = Counters::default();
        for status in [200, 302, 301, 401, 403, 404, 429, 500, 503] {
            let status = StatusCode::from_u16(status).unwrap();
            counters.answered(Outcome::of(status, || status == StatusCode::FOUND), 1_000);
        }
        counters.unreachable();
        let counts = counters.snapshot();
        let kinds = [
            counts.server_errors,
            counts.unreachable,
            counts.unauthorized,
            counts.login_redirects,
            counts.client_errors,
        ];
        assert_eq!((counts.requests, counts.latency.total(), kinds), (10, 9, [2, 1, 2, 1, 2]));
    }
}
