//! What `serve` does besides driving: witnesses, retention, strays, the watch.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sternway_core::digest::Digest;
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
use sternway_store::Store;

use super::parts;
use super::standing::Standing;
use super::watch::Watching;
use crate::context::Context;
use crate::person;

/// All jobs.
pub(crate) fn all(context: &Context, journal: &LogbookJournal, store: &Store) -> Vec<Box<dyn Job>> {
    let desk = Arc::new(Desk { context: context.clone(), journal: journal.clone() });
    vec![
        Box::new(Witness(Arc::clone(&desk), None)),
        Box::new(Retention { desk: Arc::clone(&desk), store: store.clone() }),
        Box::new(Standing(Arc::clone(&desk))),
        Box::new(Watching {
            desk: Arc::clone(&desk),
            store: store.clone(),
            last: BTreeMap::new(),
            watched: None,
            lost: None,
        }),
        Box::new(Instances { desk, seen: BTreeMap::new() }),
    ]
}

pub(super) struct Desk {
    pub(super) context: Context,
    pub(super) journal: LogbookJournal,
}

impl Desk {
    /// The agent; one that is gone is brought back.
    pub(super) fn agent(&self) -> Result<Agent, String> {
        parts::start_agent(&self.context).map_err(|_| "the agent cannot be started".to_owned())?;
        Agent::connect(&self.context.agent_socket()).map_err(|error| error.to_string())
    }

    /// Who writes.
    pub(super) fn name() -> String {
        format!("serve@{}", person::host())
    }

    fn note(&self, environment: &EnvironmentName, event: &Event) -> Result<(), String> {
        let by = Self::name();
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
struct Retention {
    desk: Arc<Desk>,
    store: Store,
}

impl Job for Retention {
    fn name(&self) -> &'static str {
        "retention"
    }

    fn every(&self) -> Duration {
        Duration::from_mins(1)
    }

    fn run(&mut self, state: &State) -> Result<(), String> {
        let held = self.store.list().map_err(|error| error.to_string())?;
        for (environment, place) in &state.environments {
            let Some((epoch, _)) = place.lease.as_ref().filter(|_| place.rollout.is_none()) else { continue };
            let keep = place.current.as_ref().map_or(KEPT_AT_FIRST, |current| current.keep);
            let plan = retention(state, environment, keep);
            let mut going = removed(state, environment, &held);
            if !plan.remove.is_empty() {
                // First the logbook, then the files: nobody plans with a release that is going, and what a crash leaves of it goes
                // the next time.
                going.extend(&plan.remove);
                let event = Event::Removed { releases: plan.remove, why: plan.why };
                self.desk.note(environment, &event)?;
            }
            if !going.is_empty() {
                let lease = Lease { environment: environment.clone(), epoch: *epoch };
                self.desk.agent()?.remove(lease, going.clone()).map_err(|error| error.to_string())?;
                // The agent knows what was staged; what was only sealed is left to the store.
                self.forget(&digests(state, &going))?;
            }
        }
        self.forget(&self.never_shipped(state, &held))
    }
}

/// How many releases are kept where none is committed yet.
const KEPT_AT_FIRST: u32 = 5;
/// How old a sealed release must be before it counts as never shipped: `plan` and `check` seal, and so does a `ship` under way.
const UNCLAIMED: Duration = Duration::from_hours(1);

impl Retention {
    /// Sealed by a `plan` or a `check`, or by a `ship` that died early: no entry of the logbook names them.
    fn never_shipped(&self, state: &State, held: &[Digest]) -> Vec<Digest> {
        let named: Vec<&Digest> = state.releases.values().map(|release| &release.record.digest).collect();
        let old = |digest: &Digest| {
            let folder = self.desk.context.agent_state().join("store/releases").join(digest.hex());
            let sealed = std::fs::metadata(folder).and_then(|metadata| metadata.modified());
            sealed.is_ok_and(|sealed| sealed.elapsed().is_ok_and(|age| age > UNCLAIMED))
        };
        held.iter().filter(|digest| !named.contains(digest) && old(digest)).cloned().collect()
    }

    fn forget(&self, releases: &[Digest]) -> Result<(), String> {
        if releases.is_empty() {
            return Ok(());
        }
        self.store.remove(releases).map(|_| ()).map_err(|error| error.to_string())
    }
}

/// Releases that the logbook says are removed and the store still has.
fn removed(state: &State, environment: &EnvironmentName, held: &[Digest]) -> Vec<ReleaseNumber> {
    state
        .releases
        .iter()
        .filter(|(_, release)| release.removed && release.record.environment == *environment)
        .filter(|(_, release)| held.contains(&release.record.digest) && !in_use(state, &release.record.digest, &[]))
        .map(|(number, _)| *number)
        .collect()
}

/// The same content may have been sealed again, under another number that stays.
fn in_use(state: &State, digest: &Digest, going: &[ReleaseNumber]) -> bool {
    state
        .releases
        .iter()
        .any(|(number, release)| !release.removed && !going.contains(number) && release.record.digest == *digest)
}

fn digests(state: &State, going: &[ReleaseNumber]) -> Vec<Digest> {
    let all = going.iter().filter_map(|number| state.releases.get(number)).map(|release| &release.record.digest);
    all.filter(|digest| !in_use(state, digest, going)).cloned().collect()
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
                    what: match instance.restarts {
                        1 => "it ended by itself and was started again".to_owned(),
                        times => format!("it ended by itself and was started again, {times} times in all"),
                    },
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
