//! What the load has seen, counted.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Failures further apart than this are two incidents.
const APART: Duration = Duration::from_secs(5);
/// What "now" means in a snapshot.
const RECENT: Duration = Duration::from_secs(1);

/// What has been counted until now, for a view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// Requests that were answered or failed.
    pub(crate) requests: u64,
    /// Of them, failed.
    pub(crate) failed: u64,
    /// Requests over the last second.
    pub(crate) per_second: u64,
    /// Of them, failed.
    pub(crate) failing: u64,
    /// Answers over the last second, by the release that gave them (as the response header `sternway-release` says).
    pub(crate) by_release: BTreeMap<String, u64>,
    /// Accounts whose sign-up was acknowledged.
    pub(crate) accounts: u64,
}

/// What a load came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LoadResult {
    /// Requests that were answered or failed.
    pub(crate) requests: u64,
    /// Of them, failed.
    pub(crate) failed: u64,
    /// The longest time from first to last failed response of one incident; zero when none or a single one failed.
    pub(crate) longest_failure: Duration,
    /// The accounts whose sign-up was acknowledged.
    pub(crate) accounts: Vec<String>,
    /// How the failed ones failed: `GET /component/data: status 401` and how often.
    pub(crate) failures: BTreeMap<String, u64>,
}

/// The counters.
#[derive(Debug, Default)]
pub(super) struct Tally {
    requests: u64,
    failures: BTreeMap<String, u64>,
    /// First and last failure of the incident that is open or was the last.
    incident: Option<(Instant, Instant)>,
    longest_failure: Duration,
    accounts: Vec<String>,
    recent: VecDeque<Seen>,
}

#[derive(Debug)]
struct Seen {
    at: Instant,
    release: Option<String>,
    failed: bool,
}

impl Tally {
    /// Counts one request that has come to its end at `at`; `failure` says how it failed, if it did.
    pub(super) fn record(&mut self, at: Instant, release: Option<&str>, failure: Option<String>) {
        self.requests += 1;
        self.recent.push_back(Seen { at, release: release.map(str::to_owned), failed: failure.is_some() });
        self.forget(at);
        let Some(failure) = failure else {
            return;
        };
        *self.failures.entry(failure).or_default() += 1;
        let first = match self.incident {
            Some((first, last)) if at.saturating_duration_since(last) <= APART => first,
            _ => at,
        };
        self.incident = Some((first, at));
        self.longest_failure = self.longest_failure.max(at.saturating_duration_since(first));
    }

    /// Remembers an account whose sign-up was acknowledged.
    pub(super) fn acknowledge(&mut self, name: &str) {
        self.accounts.push(name.to_owned());
    }

    pub(super) fn snapshot(&mut self, now: Instant) -> Snapshot {
        self.forget(now);
        let mut by_release = BTreeMap::new();
        for release in self.recent.iter().filter_map(|seen| seen.release.as_ref()) {
            *by_release.entry(release.clone()).or_default() += 1;
        }
        Snapshot {
            requests: self.requests,
            failed: self.failures.values().sum(),
            per_second: self.recent.len() as u64,
            failing: self.recent.iter().filter(|seen| seen.failed).count() as u64,
            by_release,
            accounts: self.accounts.len() as u64,
        }
    }

    pub(super) fn result(&self) -> LoadResult {
        LoadResult {
            requests: self.requests,
            failed: self.failures.values().sum(),
            longest_failure: self.longest_failure,
            accounts: self.accounts.clone(),
            failures: self.failures.clone(),
        }
    }

    fn forget(&mut self, now: Instant) {
        while self.recent.front().is_some_and(|seen| now.saturating_duration_since(seen.at) >= RECENT) {
            self.recent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_close_together_are_one_incident_and_the_longest_counts() {
        let (start, mut tally) = (Instant::now(), Tally::default());
        let mut fail = |millis| {
            let at = start + Duration::from_millis(millis);
            tally.record(at, Some("3"), Some("GET /: status 500".to_owned()));
        };
        for millis in [0, 100, 700, 20_000, 20_300] {
            fail(millis);
        }
        let result = tally.result();
        assert_eq!((result.requests, result.failed), (5, 5));
        assert_eq!(result.longest_failure, Duration::from_millis(700));
        assert_eq!(result.failures["GET /: status 500"], 5);
    }

    #[test]
    fn a_snapshot_shows_the_last_second() {
        let (start, mut tally) = (Instant::now(), Tally::default());
        let at = |millis| start + Duration::from_millis(millis);
        tally.record(at(0), Some("1"), None);
        tally.record(at(900), Some("1"), None);
        tally.record(at(1000), Some("2"), Some("GET /: status 500".to_owned()));
        tally.record(at(1100), None, Some("GET /: connect".to_owned()));
        tally.acknowledge("a");
        let expected = Snapshot {
            requests: 4,
            failed: 2,
            per_second: 3,
            failing: 2,
            by_release: [("1".to_owned(), 1), ("2".to_owned(), 1)].into(),
            accounts: 1,
        };
        assert_eq!(tally.snapshot(at(1200)), expected);
    }
}
