//! Seeing that a release serves: how a rollback is verified.

use sternway_core::event::StepResult;
use sternway_core::plan::Plan;
use sternway_core::release::ReleaseRef;
use sternway_core::state::Effect;

use crate::ports::{Order, Subject};
use crate::session::{EngineError, Session};

impl Session {
    /// Instances ready, the proxy names the release current, and the checks pass on the users' way.
    pub(crate) fn confirm(
        &mut self,
        effect: &Effect,
        plan: &Plan,
        release: &ReleaseRef,
    ) -> Result<StepResult, EngineError> {
        let order = Order { key: effect.key(), epoch: self.lease.epoch, plan, action: &effect.action };
        let serving = self.ports.driver.confirm(&order, release);
        if !matches!(serving, StepResult::Done { .. }) {
            return Ok(serving);
        }
        // A release is confirmed by the checks that came with it: those of the one that failed may ask for what only that one has.
        let checks = if plan.base.as_ref() == Some(release) { &plan.base_checks } else { &plan.checks };
        let checks = checks.iter().filter(|check| check.monitor.is_some());
        self.ask_all(effect, plan, &Subject::Public(release.clone()), checks, "S0704")
    }
}
