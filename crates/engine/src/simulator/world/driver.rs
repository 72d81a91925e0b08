//! The world's host and proxy, as a driver gives them orders.

use std::sync::Arc;
use std::time::Duration;

use sternway_core::event::StepResult;
use sternway_core::ids::{EnvironmentName, Epoch};
use sternway_core::plan::Action;
use sternway_core::release::ReleaseRef;

use super::{World, done, failed};
use crate::ports::{Driver, Order, Unreachable};
use crate::simulator::faults::Moment;

impl World {
    /// Waits until nothing is open any more on what lost its traffic, at most for the drain's time; false when that is not wanted any
    /// more. Between any two looks is a boundary.
    fn drained(&self, order: &Order<'_>, wanted: &dyn Fn() -> bool) -> bool {
        let limit = self.lived() + order.plan.traffic.drain.duration();
        let clings = || {
            let inner = self.inner();
            !inner.dead && inner.passed < limit && inner.now < inner.current_since.plus(inner.clinging)
        };
        while clings() {
            if self.boundary().is_some() {
                self.die();
            }
            if !wanted() {
                return false;
            }
            self.pass(Duration::from_millis(100));
        }
        true
    }
}

impl Driver for Arc<World> {
    fn run(&self, order: &Order<'_>, wanted: &dyn Fn() -> bool) -> StepResult {
        let moment = self.boundary();
        if moment == Some(Moment::Before) {
            self.die();
        }
        self.pass(Duration::from_millis(50));
        if matches!(order.action, Action::Retire { .. } | Action::Stop { .. }) && !self.drained(order, wanted) {
            return StepResult::Unknown { why: "it is not wanted any more".to_owned() };
        }
        let mut inner = self.inner();
        if inner.dead {
            return StepResult::Unknown { why: "the driver is dead".to_owned() };
        }
        if order.epoch < inner.seen_epoch {
            return failed("S0802", "a newer driver was here");
        }
        inner.seen_epoch = order.epoch;
        let flaky = inner.flaky;
        if inner.chance.happens(flaky) {
            return failed("S0999", "chance had it fail");
        }
        let result = inner.act(order, moment == Some(Moment::Torn));
        drop(inner);
        if moment.is_some() {
            self.die();
        }
        result
    }

    fn renew_share(&self, order: &Order<'_>, release: &ReleaseRef, percent: u8) -> Result<(), Unreachable> {
        let mut inner = self.inner();
        if inner.now < inner.renewals_lost_until {
            return Err(Unreachable { source_name: "proxy".to_owned(), why: "the renewal was lost".to_owned() });
        }
        if !inner.dead && order.epoch >= inner.seen_epoch {
            inner.canary = Some((release.number, percent, inner.now.plus(Duration::from_secs(10))));
        }
        Ok(())
    }

    fn seen_epoch(&self, _environment: &EnvironmentName) -> Option<Epoch> {
        Some(self.inner().seen_epoch)
    }

    fn way_back(&self, _order: &Order<'_>, release: &ReleaseRef) -> StepResult {
        let inner = self.inner();
        match release.number.0 {
            0 if inner.adopted_is_gone => failed("S0405", "what was adopted does not accept connections"),
            _ if inner.damaged.contains(&release.number) => failed("S0315", "an object is damaged"),
            _ => done(),
        }
    }

    fn confirm(&self, order: &Order<'_>, release: &ReleaseRef) -> StepResult {
        let inner = self.inner();
        if order.epoch < inner.seen_epoch {
            return failed("S0802", "a newer driver was here");
        }
        if release.number.0 == 0 && inner.adopted_is_gone {
            return failed("S0602", "what was adopted does not accept connections");
        }
        let runs = inner.running.iter().any(|(number, _)| *number == release.number);
        if !order.plan.is_routed(release) {
            return if runs { done() } else { failed("S0309", "nothing of it runs") };
        }
        if inner.current == Some(release.number) { done() } else { failed("S0602", "another release is current") }
    }
}
