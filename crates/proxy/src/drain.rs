//! The end of a target set that has left the routing: wait for its open requests, tell upgraded connections in time, close the rest.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sternway_core::ids::ReleaseNumber;
use tokio::time::{Instant, sleep};

use crate::live::Shared;
use crate::targets::{Phase, Targets};

/// How often open requests are looked at.
const LOOK: Duration = Duration::from_millis(5);
/// How long closed connections may take to be gone.
const CLOSING: Duration = Duration::from_secs(2);

/// How long before the limit upgraded connections are told: a quarter of it, at most five seconds.
pub(crate) fn notice(limit: Duration) -> Duration {
    (limit / 4).min(Duration::from_secs(5))
}

/// Starts the drain of a set that stands in the list of the draining.
pub(crate) fn start(shared: &Arc<Shared>, targets: Arc<Targets>, limit: Duration) {
    targets.enter(Phase::Draining);
    tokio::spawn(drain(Arc::clone(shared), targets, limit));
}

async fn drain(shared: Arc<Shared>, targets: Arc<Targets>, limit: Duration) {
    let start = Instant::now();
    let serving = || targets.phase() == Phase::Serving;
    while targets.open() > 0 && start.elapsed() < limit {
        if serving() {
            return;
        }
        if start.elapsed() + notice(limit) >= limit && targets.phase() == Phase::Draining {
            targets.enter(Phase::Told);
        }
        sleep(LOOK).await;
    }
    let closed = {
        let mut draining = shared.draining.lock().unwrap_or_else(PoisonError::into_inner);
        // It has come back meanwhile: another switch took it off the list.
        if !draining.iter().any(|one| one.id == targets.id) || serving() {
            return;
        }
        let closed = targets.open();
        targets.enter(Phase::Closed);
        if closed == 0 {
            draining.retain(|one| one.id != targets.id);
        }
        *shared.drained.lock().unwrap_or_else(PoisonError::into_inner).entry(targets.set.release).or_default() +=
            closed;
        closed
    };
    if closed > 0 {
        shared.clients.close_users_of(targets.id);
        let closing = Instant::now();
        while targets.open() > 0 && closing.elapsed() < CLOSING {
            sleep(LOOK).await;
        }
        shared.draining.lock().unwrap_or_else(PoisonError::into_inner).retain(|one| one.id != targets.id);
    }
}

/// Empties a release that is current while requests are held: nothing new comes to it, so what is open ends by itself or is closed at
/// the limit. `None` when nothing is held, or the hold ends first.
pub(crate) async fn while_held(shared: &Shared, release: ReleaseNumber) -> Option<u64> {
    let (sets, limit) = {
        let live = shared.live();
        live.hold.as_ref()?;
        let limit = live.table.as_ref().map_or(Duration::ZERO, |table| table.drain.duration());
        (live.targets().into_iter().filter(|targets| targets.set.release == release).collect::<Vec<_>>(), limit)
    };
    let open = || sets.iter().map(|targets| targets.open()).sum::<u64>();
    // Only under the lock and while the hold lasts: whoever ends the hold makes them serve again.
    let enter = |phase| {
        let live = shared.live();
        live.hold.as_ref()?;
        for targets in &sets {
            targets.enter(phase);
        }
        Some(())
    };
    let start = Instant::now();
    if sets.is_empty() {
        return None;
    }
    enter(Phase::Draining)?;
    let mut told = false;
    while open() > 0 && start.elapsed() < limit {
        shared.live().hold.as_ref()?;
        if !told && start.elapsed() + notice(limit) >= limit {
            told = true;
            enter(Phase::Told)?;
        }
        sleep(LOOK).await;
    }
    let closed = open();
    if closed > 0 {
        enter(Phase::Closed)?;
        for targets in &sets {
            shared.clients.close_users_of(targets.id);
        }
        let closing = Instant::now();
        while open() > 0 && closing.elapsed() < CLOSING {
            sleep(LOOK).await;
        }
    }
    Some(closed)
}

/// How a release's drain ended, after waiting for it; `None` when it serves and does not drain.
pub(crate) async fn ended(shared: &Shared, release: ReleaseNumber) -> Option<u64> {
    let is_draining = || {
        let draining = shared.draining.lock().unwrap_or_else(PoisonError::into_inner);
        draining.iter().any(|targets| targets.set.release == release)
    };
    while is_draining() {
        sleep(LOOK).await;
    }
    let drained = shared.drained.lock().unwrap_or_else(PoisonError::into_inner).get(&release).copied();
    let serves = || shared.live().targets().iter().any(|targets| targets.set.release == release);
    drained.or_else(|| (!serves()).then_some(0))
}
