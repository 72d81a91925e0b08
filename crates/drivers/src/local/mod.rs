//! This machine: services through its agent, traffic through the environment's proxy.

mod exchange;
mod instances;
mod outcome;
mod traffic;

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use sternway_core::event::StepResult;
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, Epoch};
use sternway_core::plan::Action;
use sternway_core::release::ReleaseRef;
use sternway_engine::ports::{Driver, Order, Unreachable};
use sternway_host::client::{Agent, ClientError};
use sternway_host::protocol::Lease;

use crate::proxy::Proxy;
use outcome::{Failure, done};

/// A request is tried again for so long while the agent restarts. Every request is idempotent.
const PATIENCE: Duration = Duration::from_secs(20);

/// Brings an agent back that does not answer.
pub type Revive = Arc<dyn Fn() + Send + Sync>;

/// The driver of one environment on this machine.
pub struct Local {
    agent: std::path::PathBuf,
    proxy: Arc<Proxy>,
    revive: Revive,
}

impl Local {
    /// Through the agent at this socket and this proxy. `revive` is called when the agent does not answer.
    pub fn new(agent: &Path, proxy: Arc<Proxy>, revive: Revive) -> Self {
        Self { agent: agent.to_owned(), proxy, revive }
    }

    /// Asks the agent until it answers.
    fn agent<T>(&self, ask: impl Fn(&Agent) -> Result<T, ClientError>) -> Result<T, Failure> {
        let start = Instant::now();
        loop {
            match Agent::connect(&self.agent).and_then(|agent| ask(&agent)) {
                Err(ClientError::Wire(_)) if start.elapsed() < PATIENCE => {
                    (self.revive)();
                    thread::sleep(Duration::from_millis(50));
                }
                answer => return Ok(answer?),
            }
        }
    }

    fn lease(order: &Order<'_>) -> Lease {
        Lease { environment: order.plan.environment.clone(), epoch: order.epoch }
    }

    fn act(&self, order: &Order<'_>, wanted: &dyn Fn() -> bool) -> Result<StepResult, Failure> {
        match order.action {
            Action::Stage { release } => {
                if release.number.0 > 0 {
                    self.agent(|agent| agent.stage(Self::lease(order), release.clone()))?;
                }
                Ok(done("complete and verified"))
            }
            Action::RunJob { release, service, command, within }
            | Action::UndoJob { release, service, command, within } => {
                self.run_job(order, release, service, command, *within)
            }
            Action::Start { release, services } => self.start(order, release, services),
            Action::Stop { release, services } | Action::Retire { release, services } => {
                self.drain_and_stop(order, release, services, wanted)
            }
            Action::Shift { release, percent } => self.shift(order, release, *percent),
            Action::Unshift { .. } => self.end_canary(order),
            Action::Switch { release, traffic } => match self.switch(order, release, traffic) {
                // Nothing of it runs any more: somebody stopped everything, or the machine was restarted.
                Err(Failure::Found(_)) if release.number.0 > 0 => {
                    self.start_all_of(order, release)?;
                    self.switch(order, release, traffic)
                }
                other => other,
            },
            Action::Withdraw { .. } => self.withdraw(order),
            Action::SwapWorkers { from, stop, to, start } => {
                if let Some(from) = from {
                    self.stop(order, from, stop)?;
                }
                match to {
                    Some(to) => self.start(order, to, start),
                    None => Ok(done("stopped")),
                }
            }
            Action::Exchange { from, stop, to, start, traffic } => self.exchange(
                order,
                from.as_ref().map(|from| (from, stop.as_slice())),
                to.as_ref().map(|to| (to, start.as_slice())),
                traffic,
            ),
            Action::Baseline { .. } | Action::Smoke { .. } | Action::Verify { .. } | Action::ConfirmServing { .. } => {
                Ok(StepResult::Unknown { why: "the engine does this itself".to_owned() })
            }
        }
    }
}

impl Driver for Local {
    fn run(&self, order: &Order<'_>, wanted: &dyn Fn() -> bool) -> StepResult {
        self.act(order, wanted).unwrap_or_else(Failure::into_result)
    }

    fn renew_share(&self, order: &Order<'_>, release: &ReleaseRef, percent: u8) -> Result<(), Unreachable> {
        self.renew(order, release, percent).map_err(|failure| {
            let source_name = if matches!(failure, Failure::Proxy(_)) { "the proxy" } else { "the agent" };
            Unreachable { source_name: source_name.to_owned(), why: failure.to_string() }
        })
    }

    fn seen_epoch(&self, environment: &EnvironmentName) -> Option<Epoch> {
        let agent = Agent::connect(&self.agent).and_then(|agent| agent.status()).ok();
        let agent = agent.and_then(|status| status.epochs.get(environment).copied());
        // An environment without requests has no proxy: it is asked once, and not waited for.
        agent.max(self.proxy.epoch())
    }

    fn way_back(&self, order: &Order<'_>, release: &ReleaseRef) -> StepResult {
        let looked = match &order.plan.adopted {
            Some(address) if release.number.0 == 0 => traffic::answers(address).map(|()| done("it answers")),
            _ => self
                .agent(|agent| agent.verify(release.clone()))
                .map(|bytes| done(format!("{bytes} bytes read and right"))),
        };
        looked.unwrap_or_else(Failure::into_result)
    }

    fn confirm(&self, order: &Order<'_>, release: &ReleaseRef) -> StepResult {
        let result = self.serves(order, release).unwrap_or_else(Failure::into_result);
        if matches!(result, StepResult::Done { .. }) || release.number.0 == 0 {
            return result;
        }
        // What should serve and does not is started again: somebody may have stopped everything, or the machine was restarted.
        self.stand_up(order, release).and_then(|()| self.serves(order, release)).unwrap_or_else(Failure::into_result)
    }

    fn steady(&self, order: &Order<'_>, release: &ReleaseRef) -> Result<Option<Finding>, Unreachable> {
        self.crash_loop(order, release)
            .map_err(|error| Unreachable { source_name: "the agent".to_owned(), why: error.to_string() })
    }
}
