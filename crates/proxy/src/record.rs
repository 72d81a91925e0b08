//! What a release's last 10,000 requests as current were like: the base against which its successor is judged.
//!
//! Kept as slices of counts and not as single requests: a slice is what was counted between two looks at the counters, joined to
//! the one before until it holds [`SLICE`] requests. The oldest slices are dropped as soon as the rest holds [`LIMIT`].

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use sternway_core::counts::Counts;
use sternway_core::time::{Millis, Timestamp};

/// At most this many requests are told of.
pub(crate) const LIMIT: u64 = 10_000;
const SLICE: u64 = 100;

/// A slice: when its first request was seen, and its counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Slice {
    since: Timestamp,
    counts: Counts,
}

/// The record of one release.
#[derive(Debug, Default)]
pub(crate) struct Record {
    slices: VecDeque<Slice>,
    total: u64,
    /// The counters when they were last looked at.
    seen: Counts,
}

impl Record {
    /// Takes what was counted since the last look.
    pub(crate) fn look(&mut self, now: Timestamp, counters: Counts) {
        // Clients are told apart for as long as a canary lasts: they are no part of a record.
        let new = Counts { clients: None, ..counters.since(&self.seen) };
        self.seen = counters;
        if new.requests == 0 {
            return;
        }
        self.total += new.requests;
        match self.slices.back_mut() {
            Some(last) if last.counts.requests < SLICE => last.counts.add(&new),
            _ => self.slices.push_back(Slice { since: now, counts: new }),
        }
        while self.total > LIMIT && self.slices.len() > 1 {
            self.total -= self.slices.pop_front().map_or(0, |oldest| oldest.counts.requests);
        }
    }

    /// The counts of the record, and how long ago the oldest of them was.
    pub(crate) fn sum(&self, now: Timestamp) -> (Counts, Millis) {
        let mut sum = Counts::default();
        self.slices.iter().for_each(|slice| sum.add(&slice.counts));
        let span = self.slices.front().map_or(0, |oldest| now.since(oldest.since).as_millis());
        (sum, Millis(u64::try_from(span).unwrap_or(u64::MAX)))
    }

    /// To be kept over a restart.
    pub(crate) fn slices(&self) -> Vec<Slice> {
        self.slices.iter().cloned().collect()
    }

    /// Puts back what was kept, before what was counted since.
    pub(crate) fn restore(&mut self, kept: Vec<Slice>) {
        self.total += kept.iter().map(|slice| slice.counts.requests).sum::<u64>();
        kept.into_iter().rev().for_each(|slice| self.slices.push_front(slice));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(n: u64) -> Counts {
        Counts { requests: n, ..Counts::default() }
    }

    #[test]
    fn the_record_holds_the_last_ten_thousand_and_few_slices() {
        let mut record = Record::default();
        for n in 1..=50_000 {
            record.look(Timestamp::from_millis(n), requests(u64::try_from(n).unwrap()));
        }
        let (sum, span) = record.sum(Timestamp::from_millis(50_000));
        assert!((9_900..=10_000).contains(&sum.requests), "{}", sum.requests);
        assert!((9_899..=10_000).contains(&span.0), "{span}");
        assert!(record.slices.len() <= 101);
    }

    #[test]
    fn a_restart_keeps_what_was_counted_before() {
        let mut record = Record::default();
        record.look(Timestamp::from_millis(5), requests(300));
        let mut again = Record::default();
        again.restore(record.slices());
        again.look(Timestamp::from_millis(25), requests(7));
        assert_eq!(again.sum(Timestamp::from_millis(30)), (requests(307), Millis(25)));
    }
}
