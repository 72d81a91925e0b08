//! Holding requests for a moment: while one process of a service stops and the next starts.
//!
//! Bounded in number and in time, because whoever asked for the hold may be dead.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use tokio::sync::watch;

/// At most this many requests wait; the next ones are told to come again.
pub(crate) const QUEUE: u64 = 10_000;

/// A hold under way.
#[derive(Debug)]
pub(crate) struct Hold {
    until: Mutex<Instant>,
    waiting: AtomicU64,
    over: watch::Sender<bool>,
}

impl Hold {
    pub(crate) fn new(until: Instant) -> Self {
        Self { until: Mutex::new(until), waiting: AtomicU64::new(0), over: watch::Sender::new(false) }
    }

    /// Moves the limit.
    pub(crate) fn set_until(&self, until: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// When the hold ends by itself.
    pub(crate) fn until(&self) -> Instant {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many requests wait.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting.load(Relaxed)
    }

    /// Lets the requests go on.
    pub(crate) fn end(&self) {
        self.over.send_replace(true);
    }

    /// Waits until the hold ends; false when too many wait already.
    pub(crate) async fn wait(&self) -> bool {
        let _place = Place(&self.waiting);
        if self.waiting.fetch_add(1, Relaxed) >= QUEUE {
            return false;
        }
        let mut over = self.over.subscribe();
        let _ = over.wait_for(|over| *over).await;
        true
    }
}

/// A place in the queue, given back also when the client goes away.
struct Place<'a>(&'a AtomicU64);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
