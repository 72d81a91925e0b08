//! For services that cannot run side by side: requests are held while one is stopped and the other started.

use sternway_core::event::StepResult;
use sternway_core::ids::ServiceName;
use sternway_core::plan::TrafficSpec;
use sternway_core::release::ReleaseRef;
use sternway_core::time::Millis;
use sternway_engine::ports::Order;
use sternway_proxy::protocol::Request;

use super::Local;
use super::outcome::{Failure, done};

/// Requests are held at most this long; then the proxy answers for itself, whatever became of the exchange.
const HOLD: Millis = Millis::from_secs(60);

impl Local {
    pub(super) fn exchange(
        &self,
        order: &Order<'_>,
        from: Option<(&ReleaseRef, &[ServiceName])>,
        to: Option<(&ReleaseRef, &[ServiceName])>,
        traffic: &TrafficSpec,
    ) -> Result<StepResult, Failure> {
        let serving = self.proxy.status()?.table;
        let arrived = serving.as_ref().zip(to).is_some_and(|(table, (release, services))| {
            // What the proxy names current may have been stopped since: an exchange that failed halfway leaves its name there.
            let needed = services.iter().chain(traffic.routes.values()).cloned().collect();
            table.current.values().all(|targets| targets.release == release.number)
                && (release.number.0 == 0 || self.ready(order, release, &needed).is_ok())
        });
        if arrived && traffic.is_routed() {
            // Whoever was here before may have died, or failed, while requests were held.
            self.proxy.order(&Request::Release { epoch: order.epoch })?;
            return Ok(done("exchanged before"));
        }
        if serving.is_some() {
            self.proxy.order(&Request::Hold { epoch: order.epoch, limit: HOLD })?;
        }
        if let Some((release, services)) = from {
            // New requests are held, so what is open ends by itself or at the drain's limit.
            self.proxy.drained(release.number, order.plan.traffic.drain.duration())?;
            self.stop(order, release, services)?;
            if serving.is_some() {
                // Draining took its time; starting has the whole span again.
                self.proxy.order(&Request::Hold { epoch: order.epoch, limit: HOLD })?;
            }
        }
        let Some((release, services)) = to else { return self.withdraw(order) };
        if release.number.0 > 0 {
            self.start(order, release, services)?;
        }
        if traffic.is_routed() { self.switch(order, release, traffic) } else { self.withdraw(order) }
    }
}
