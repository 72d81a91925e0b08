//! Waking those who wait for the next entry.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The last entry that this process's writer committed.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    head: Mutex<u64>,
    rung: Condvar,
}

impl Bell {
    pub(crate) fn ring(&self, head: u64) {
        let mut known = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        *known = head.max(*known);
        self.rung.notify_all();
    }

    /// Waits at most so long; whether the head is known to be past `seq`.
    pub(crate) fn wait(&self, seq: u64, limit: Duration) -> bool {
        let known = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.rung.wait_timeout_while(known, limit, |head| *head <= seq);
        *waited.unwrap_or_else(PoisonError::into_inner).0 > seq
    }
}
