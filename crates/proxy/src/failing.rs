//! Which clients got errors since a canary began: each counts once, for the side on which it got its first of a kind.
//!
//! The judge needs clients and not only requests, because clients stick to a side: all errors of one script come from one draw.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use sternway_core::counts::Metric;

use crate::canary::{ClientId, mix};

/// So many clients of a metric are remembered at least; as many again are, while they come back.
const GENERATION: usize = 10_000;

/// The clients with errors of the canary of the moment. Locked only when a request fails or is slow.
#[derive(Debug, Default)]
pub(crate) struct Failing(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The canary's salt: the next canary draws its clients anew.
    salt: Option<u64>,
    metrics: [Generations; Metric::ALL.len()],
}

/// Bounded memory of clients: who got no error for as long as [`GENERATION`] others got their first is forgotten. A script that goes on
/// failing so never counts twice.
#[derive(Debug, Default)]
struct Generations {
    young: HashSet<u64>,
    old: HashSet<u64>,
}

impl Generations {
    /// Whether this client is new.
    fn insert(&mut self, client: u64) -> bool {
        if self.young.contains(&client) {
            return false;
        }
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(client);
        !self.old.contains(&client)
    }
}

impl Failing {
    /// A canary with this salt takes traffic: when it is another than before, nobody has got an error yet.
    pub(crate) fn begin(&self, salt: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.salt != Some(salt) {
            *known = Known { salt: Some(salt), ..Known::default() };
        }
    }

    /// The canary's salt, and by metric who is remembered, those of before first: for a process that takes over.
    pub(crate) fn remembered(&self) -> Option<(u64, Vec<[Vec<u64>; 2]>)> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = |set: &HashSet<u64>| set.iter().copied().collect();
        let metrics = known.metrics.iter().map(|metric| [all(&metric.old), all(&metric.young)]);
        known.salt.map(|salt| (salt, metrics.collect()))
    }

    /// Remembers what another process did.
    pub(crate) fn restore(&self, (salt, metrics): (u64, Vec<[Vec<u64>; 2]>)) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.salt = Some(salt);
        for (metric, [old, young]) in known.metrics.iter_mut().zip(metrics) {
            *metric = Generations { young: young.into_iter().collect(), old: old.into_iter().collect() };
        }
    }

    /// Whether this is the client's first error of this kind in the canary with this salt. A request that began under an earlier one says
    /// nothing.
    pub(crate) fn is_first(&self, salt: u64, metric: Metric, client: ClientId) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.salt == Some(salt) && known.metrics[metric as usize].insert(mix(client.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn firsts(failing: &Failing, salt: u64, metric: Metric, ids: impl IntoIterator<Item = u64>) -> usize {
        ids.into_iter().filter(|id| failing.is_first(salt, metric, ClientId(*id))).count()
    }

    #[test]
    fn each_client_counts_once_in_each_metric_of_a_canary() {
        let failing = Failing::default();
        failing.begin(1);
        assert_eq!(firsts(&failing, 1, Metric::Unauthorized, [7, 7, 8, 7]), 2);
        assert_eq!(firsts(&failing, 1, Metric::Latency, [7]), 1);
        failing.begin(1);
        assert_eq!(firsts(&failing, 1, Metric::Unauthorized, [7, 8]), 0, "the same canary goes on");
        failing.begin(2);
        assert_eq!(firsts(&failing, 2, Metric::Unauthorized, [7, 8]), 2);
        assert_eq!(firsts(&failing, 1, Metric::Unauthorized, [9]), 0, "what began under the canary before");
    }

    #[test]
    fn who_failed_before_a_hand_over_does_not_count_again_after_it() {
        let (before, after) = (Failing::default(), Failing::default());
        assert_eq!(before.remembered(), None);
        before.begin(1);
        let many = GENERATION as u64;
        firsts(&before, 1, Metric::Unauthorized, 0..many + 5);
        after.restore(before.remembered().unwrap());
        after.begin(1);
        // Of both generations, and one that is new.
        assert_eq!(firsts(&after, 1, Metric::Unauthorized, [0, 7, many - 1, many, many + 4, many + 5]), 1);
        assert_eq!(firsts(&after, 1, Metric::Latency, [7]), 1);
    }

    #[test]
    fn a_script_that_goes_on_failing_counts_once_however_many_others_fail_and_memory_is_bounded() {
        let failing = Failing::default();
        failing.begin(1);
        let mut counted = 0;
        for other in 0..100_000 {
            counted += firsts(&failing, 1, Metric::ServerErrors, [1_000_000]);
            assert_eq!(firsts(&failing, 1, Metric::ServerErrors, [other]), 1);
        }
        assert_eq!(counted, 1);
        let known = failing.0.lock().unwrap();
        let generations = &known.metrics[Metric::ServerErrors as usize];
        assert!(generations.young.len() + generations.old.len() <= 2 * GENERATION);
    }
}
