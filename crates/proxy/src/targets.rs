//! Where one service of one release answers, who uses it now, and how far its end has come.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sternway_core::ids::ServiceName;
use tokio::sync::watch;

use crate::client::Client;
use crate::counters::{Release, Role};
use crate::pool::Upstream;
use crate::protocol::TargetSet;

/// How far the end of a target set has come. Only upgraded connections listen to it: plain requests end by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// New requests come.
    Serving,
    /// No new requests come.
    Draining,
    /// Upgraded connections are told to go.
    Told,
    /// What is left is closed.
    Closed,
}

/// The instances of one service of one release. The same object stays in use while a candidate becomes current, or while a release
/// comes back before it has drained, so that connections stay.
#[derive(Debug)]
pub(crate) struct Targets {
    /// Never zero, never used twice.
    pub(crate) id: u64,
    pub(crate) service: ServiceName,
    pub(crate) set: TargetSet,
    pub(crate) release: Arc<Release>,
    pub(crate) addresses: Vec<Address>,
    next: AtomicUsize,
    open: AtomicU64,
    phase: watch::Sender<Phase>,
}

/// One instance.
#[derive(Debug)]
pub(crate) struct Address {
    /// `host:port`.
    pub(crate) text: String,
    /// Whether it accepted a connection when it was last tried.
    healthy: AtomicBool,
    /// The tick at which it last gave a whole response.
    answered: AtomicU64,
    /// Idle connections, last used last; one list for each worker, because a connection lives on the worker that opened it.
    idle: Vec<Mutex<Idle>>,
}

#[derive(Debug, Default)]
struct Idle {
    closed: bool,
    #[expect(clippy::vec_box, reason = "a connection is large and moves in and out all the time")]
    connections: Vec<Box<Upstream>>,
}

/// Idle connections that an instance keeps on each worker.
const IDLE: usize = 256;

impl Address {
    fn new(text: String, workers: usize) -> Self {
        Self {
            text,
            healthy: AtomicBool::new(true),
            answered: AtomicU64::new(0),
            idle: (0..workers).map(|_| Mutex::default()).collect(),
        }
    }

    pub(crate) fn healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }

    pub(crate) fn set_healthy(&self, healthy: bool) {
        if self.healthy() != healthy {
            self.healthy.store(healthy, Ordering::Relaxed);
        }
    }

    /// The idle connection that was used last.
    pub(crate) fn take(&self, worker: usize) -> Option<Box<Upstream>> {
        self.idle[worker].lock().unwrap_or_else(PoisonError::into_inner).connections.pop()
    }

    /// Whether it gave a whole response within so many ticks before `now`.
    pub(crate) fn answered_within(&self, ticks: u64, now: u64) -> bool {
        let answered = self.answered.load(Ordering::Relaxed);
        answered != 0 && now <= answered.saturating_add(ticks)
    }

    /// Keeps a connection for later: a whole response has come on it.
    pub(crate) fn put(&self, worker: usize, upstream: Box<Upstream>) {
        if self.answered.load(Ordering::Relaxed) != upstream.used() {
            self.answered.store(upstream.used(), Ordering::Relaxed);
        }
        let mut idle = self.idle[worker].lock().unwrap_or_else(PoisonError::into_inner);
        if !idle.closed && idle.connections.len() < IDLE {
            idle.connections.push(upstream);
        }
    }

    /// Drops the idle connections for which `stays` is false. They are dropped outside the lock.
    pub(crate) fn sweep(&self, stays: impl Fn(&Upstream) -> bool) {
        for idle in &self.idle {
            let mut gone = Vec::new();
            let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
            let all = std::mem::take(&mut idle.connections);
            for upstream in all {
                if stays(&upstream) { idle.connections.push(upstream) } else { gone.push(upstream) }
            }
            drop(idle);
        }
    }

    fn set_closed(&self, closed: bool) {
        for idle in &self.idle {
            let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.closed = closed;
            let gone = std::mem::take(&mut idle.connections);
            if closed {
                drop(idle);
                drop(gone);
            } else {
                idle.connections = gone;
            }
        }
    }
}

static IDS: AtomicU64 = AtomicU64::new(1);

impl Targets {
    pub(crate) fn new(service: ServiceName, set: TargetSet, release: Arc<Release>, workers: usize) -> Self {
        Self {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            addresses: set.addresses.iter().map(|text| Address::new(text.clone(), workers)).collect(),
            service,
            set,
            release,
            next: AtomicUsize::new(0),
            open: AtomicU64::new(0),
            phase: watch::Sender::new(Phase::Serving),
        }
    }

    /// Open requests and upgraded connections.
    pub(crate) fn open(&self) -> u64 {
        self.open.load(Ordering::Acquire)
    }

    /// In which order to try the addresses, with their numbers, for the next request: in turn, those that accept connections first.
    pub(crate) fn order(&self) -> impl Iterator<Item = (usize, &Address)> {
        let count = self.addresses.len();
        let first = if count > 1 { self.next.fetch_add(1, Ordering::Relaxed) } else { 0 };
        let turn = move |n: usize| {
            let index = first.wrapping_add(n) % count;
            (index, &self.addresses[index])
        };
        let healthy = (0..count).map(turn).filter(|(_, address)| address.healthy());
        let others = (0..count).map(turn).filter(|(_, address)| !address.healthy());
        healthy.chain(others)
    }

    pub(crate) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// To be woken when the phase changes.
    pub(crate) fn watch(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Moves to a phase. From `Draining` on no idle connection is kept.
    pub(crate) fn enter(&self, phase: Phase) {
        self.addresses.iter().for_each(|address| address.set_closed(phase != Phase::Serving));
        self.phase.send_replace(phase);
    }
}

/// One open request's hold on its target set. Made only under the read lock of the routing, so that a set that has left the
/// routing is never claimed again.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) targets: Arc<Targets>,
    pub(crate) role: Role,
    client: Arc<Client>,
}

impl Claim {
    pub(crate) fn new(targets: &Arc<Targets>, role: Role, client: &Arc<Client>) -> Self {
        targets.open.fetch_add(1, Ordering::AcqRel);
        client.begin(targets.id);
        Self { targets: Arc::clone(targets), role, client: Arc::clone(client) }
    }

    /// The time, in ticks.
    pub(crate) fn now(&self) -> u64 {
        self.client.shared.clients.now()
    }

    /// The client's worker.
    pub(crate) fn worker(&self) -> usize {
        self.client.worker
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.client.end();
        self.targets.open.fetch_sub(1, Ordering::AcqRel);
    }
}
