//! Putting a new routing in place of the old one. Target sets that are still or again referred to stay as they are, with their
//! connections; the others drain.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::canary::Canary;
use crate::drain;
use crate::live::{Arm, Live, Shared};
use crate::protocol::{Table, TargetSet};
use crate::table::Routes;
use crate::targets::{Phase, Targets};

/// Puts a new routing in place, all services at once.
pub(crate) fn relay(
    shared: &Arc<Shared>,
    table: Option<Table>,
    routes: Routes,
    canary: Option<Canary>,
    end_hold: bool,
) {
    let limit = {
        let live = shared.live();
        table.as_ref().or(live.table.as_ref()).map_or(Duration::ZERO, |table| table.drain.duration())
    };
    if let Some(canary) = &canary {
        shared.failing.begin(canary.plan.salt);
    }
    let mut live = shared.change();
    if let Some(canary) = &canary {
        // Nobody claims a target meanwhile, so that each client is counted by the share at which it asks.
        shared.seen.begin(canary.plan.salt, canary.plan.percent);
    }
    let mut draining = shared.draining.lock().unwrap_or_else(PoisonError::into_inner);
    let before = live.targets();
    let arms: Vec<Arm> = {
        let open = |service: &_, set: &TargetSet| {
            let known = before
                .iter()
                .chain(draining.iter())
                .find(|targets| targets.service == *service && targets.set == *set && targets.phase() != Phase::Closed);
            known.cloned().unwrap_or_else(|| {
                let release = shared.release(set.release);
                Arc::new(Targets::new(service.clone(), set.clone(), release, shared.workers))
            })
        };
        let arm = |service| Arm {
            current: table.as_ref().and_then(|table| table.current.get(service)).map(|set| open(service, set)),
            candidate: canary
                .as_ref()
                .and_then(|canary| canary.plan.candidate.get(service))
                .map(|set| open(service, set)),
        };
        routes.services.iter().map(arm).collect()
    };
    let kept = live.hold.take();
    *live = Live { table, routes, arms, canary, hold: kept };
    let hold = if end_hold { live.end_hold() } else { None };
    let after = live.targets();
    let is_in = |list: &[Arc<Targets>], one: &Targets| list.iter().any(|other| other.id == one.id);
    for back in draining.extract_if(.., |one| is_in(&after, one)) {
        back.enter(Phase::Serving);
    }
    let mut drained = shared.drained.lock().unwrap_or_else(PoisonError::into_inner);
    after.iter().filter(|one| !is_in(&before, one)).for_each(|one| {
        drained.remove(&one.set.release);
    });
    let mut gone: Vec<_> = before.into_iter().filter(|one| !is_in(&after, one)).collect();
    gone.dedup_by_key(|one| one.id);
    draining.extend(gone.iter().cloned());
    drop((live, draining, drained));
    for targets in gone {
        drain::start(shared, targets, limit);
    }
    if let Some(hold) = hold {
        hold.end();
    }
}
