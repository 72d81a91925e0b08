//! What `serve` does besides driving: witnesses, retention, strays.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sternway_core::event::Event;
use sternway_core::ids::{EnvironmentName, ReleaseNumber};
use sternway_core::planner::retention;
use sternway_core::state::State;
use sternway_drivers::proxy::Proxy;
use sternway_engine::LogbookJournal;
use sternway_engine::ports::Journal as _;
use sternway_host::client::Agent;
use sternway_host::protocol::{InstanceId, Lease};
use sternway_proxy::protocol::Request;
use sternway_server::Job;

use super::parts;
use crate::context::Context;
use crate::person;

/// All jobs.
pub(crate) fn all(context: &Context, journal: &LogbookJournal) -> Vec<Box<dyn Job>> {
    let desk = Arc::new(Desk { context: context.clone(), journal: journal.clone() });
    vec![
        Box::new(Witness(Arc::clone(&desk), None)),
        Box::new(Retention(Arc::clone(&desk))),
        Box::new(Instances { desk, seen: BTreeMap::new() }),
    ]
}

struct Desk {
    context: Context,
    journal: LogbookJournal,
}

impl Desk {
    /// The agent; one that is gone is brought back.
    fn agent(&self) -> Result<Agent, String> {
        parts::start_agent(&self.context).map_err(|_| "the agent cannot be started".to_owned())?;
        Agent::connect(&self.context.agent_socket()).map_err(|error| error.to_string())
    }

    fn note(&self, environment: &EnvironmentName, event: &Event) -> Result<(), String> {
        let by = format!("serve@{}", person::host());
        let state = self.journal.fold().map_err(|error| error.to_string())?;
        let appended = self.journal.append_decided(Some(environment), &by, state, |_| Ok::<_, ()>(vec![event.clone()]));
        appended.map(|_| ()).map_err(|error| error.to_string())
    }
}

/// Shows the logbook's head to agent and proxies, which remember it: a logbook that was cut short then shows.
struct Witness(Arc<Desk>, Option<u64>);

impl Job for Witness {
    fn name(&self) -> &'static str {
        "witness"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(5)
    }

    fn run(&mut self, state: &State) -> Result<(), String> {
        let agent = self.0.agent()?;
        let Some((seq, hash)) = self.0.journal.head().map_err(|error| error.to_string())? else { return Ok(()) };
        if self.1 == Some(seq) {
            return Ok(());
        }
        agent.witness(seq, &hash).map_err(|error| error.to_string())?;
        for environment in state.environments.keys() {
            let socket = self.0.context.proxy_socket(environment);
            if socket.exists() {
                let request = Request::Witness { seq, hash: hash.clone() };
                let _a_proxy_that_is_down_hears_the_next =
                    Proxy::at(&socket).ask_once(&request, Duration::from_secs(2));
            }
        }
        self.1 = Some(seq);
        Ok(())
    }
}

/// Removes releases that cannot be a way back, and says so in the logbook.
struct Retention(Arc<Desk>);

impl Job for Retention {
    fn name(&self) -> &'static str {
        "retention"
    }

    fn every(&self) -> Duration {
        Duration::from_mins(1)
    }

    fn run(&mut self, state: &State) -> Result<(), String> {
        for (environment, place) in &state.environments {
            let Some(current) = &place.current else { continue };
            if place.rollout.is_some() {
                continue;
            }
            let plan = retention(state, environment, current.keep);
            let Some((epoch, _)) = &place.lease else { continue };
            if plan.remove.is_empty() {
                continue;
            }
            // First the logbook, then the files: nobody plans with a release that is going.
            let event = Event::Removed { releases: plan.remove.clone(), why: plan.why };
            self.0.note(environment, &event)?;
            let lease = Lease { environment: environment.clone(), epoch: *epoch };
            self.0.agent()?.remove(lease, plan.remove).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// Watches instances: what crashed and came back is recorded; what no release calls for any more is stopped.
struct Instances {
    desk: Arc<Desk>,
    seen: BTreeMap<InstanceId, u32>,
}

impl Job for Instances {
    fn name(&self) -> &'static str {
        "instances"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(2)
    }

    fn run(&mut self, state: &State) -> Result<(), String> {
        let agent = self.desk.agent()?;
        let status = agent.status().map_err(|error| error.to_string())?;
        for instance in &status.instances {
            let before = self.seen.insert(instance.id.clone(), instance.restarts);
            if before.is_some_and(|before| before < instance.restarts) {
                let event = Event::InstanceChanged {
                    release: instance.id.release,
                    service: instance.id.service.clone(),
                    what: format!("it ended by itself and was started again, {} times in all", instance.restarts),
                };
                self.desk.note(&instance.id.environment, &event)?;
            }
            if let Some(lease) = stray(state, &instance.id) {
                let service = vec![instance.id.service.clone()];
                agent.stop(lease, instance.id.release, service).map_err(|error| error.to_string())?;
                let text = format!("{} was stopped: no release calls for it", instance.id);
                self.desk.note(&instance.id.environment, &Event::Noted { text })?;
            }
        }
        Ok(())
    }
}

/// Under which lease an instance is to be stopped, when it belongs neither to the current release nor to an open rollout.
fn stray(state: &State, id: &InstanceId) -> Option<Lease> {
    let place = state.environments.get(&id.environment)?;
    let current: Option<ReleaseNumber> = place.current.as_ref().map(|current| current.release.number);
    let (epoch, _) = place.lease.as_ref()?;
    let stray = place.rollout.is_none() && current != Some(id.release);
    stray.then(|| Lease { environment: id.environment.clone(), epoch: *epoch })
}
