//! What serves by the logbook, serves: after everything was stopped, or the machine was restarted, it is started again.

use std::sync::Arc;
use std::time::Duration;

use sternway_core::event::Event;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::release::{ReleaseRef, ServiceKind};
use sternway_core::state::{Deployment, State};
use sternway_drivers::proxy::Proxy;
use sternway_engine::ports::{Held, Journal as _, JournalError};
use sternway_host::client::Agent;
use sternway_host::protocol::{Instance, Lease, Status};
use sternway_proxy::protocol::{Request, Response, Table, TargetSet};
use sternway_server::Job;

use super::jobs::Desk;

/// Starts the committed release where nothing of it is left, and gives it its traffic. It never chooses between releases, and never
/// acts while a rollout is open.
pub(super) struct Standing(pub(super) Arc<Desk>);

/// How long the lease for it holds: a rollout that is opened meanwhile waits at most so long.
const LEASE: Duration = Duration::from_mins(1);

impl Job for Standing {
    fn name(&self) -> &'static str {
        "standing"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(3)
    }

    fn run(&mut self, state: &State) -> Result<(), String> {
        for (environment, place) in state.environments.iter().filter(|(_, place)| place.rollout.is_none()) {
            let current = place.current.as_ref().filter(|current| current.release.number.0 > 0);
            if let Some(current) = current
                && let Some(missing) = self.missing(state, environment, current)?
            {
                self.stand_up(environment, current, missing)?;
            }
        }
        Ok(())
    }
}

impl Standing {
    /// The services of the release of which no instance is left, when something is to be done: also when the proxy has old addresses.
    fn missing(
        &self,
        state: &State,
        environment: &EnvironmentName,
        current: &Deployment,
    ) -> Result<Option<Vec<ServiceName>>, String> {
        let Some(release) = state.releases.get(&current.release.number) else { return Ok(None) };
        let status = self.0.agent()?.status().map_err(|error| error.to_string())?;
        let runs = |service: &ServiceName| instance_of(&status, environment, &current.release, service).is_some();
        let wanted =
            release.record.services.iter().filter(|(_, kind)| **kind != ServiceKind::Job).map(|(name, _)| name);
        let missing: Vec<ServiceName> = wanted.filter(|service| !runs(service)).cloned().collect();
        let astray = self.is_astray(environment, current, &status);
        Ok((!missing.is_empty() || astray).then_some(missing))
    }

    /// Whether the proxy has this release's services at addresses where they are not any more, or has nothing at all.
    fn is_astray(&self, environment: &EnvironmentName, current: &Deployment, status: &Status) -> bool {
        if !current.traffic.as_ref().is_some_and(sternway_core::plan::TrafficSpec::is_routed) {
            return false;
        }
        let asked = self.proxy(environment).ask_once(&Request::Status, Duration::from_secs(2));
        let Ok(Response::Status(proxy)) = asked else { return false };
        let Some(table) = proxy.table else { return true };
        let mut ours = table.current.iter().filter(|(_, targets)| targets.release == current.release.number);
        ours.any(|(service, targets)| {
            let instance = instance_of(status, environment, &current.release, service);
            let address = instance.and_then(|instance| instance.address.as_ref());
            address.is_some_and(|address| !targets.addresses.contains(address))
        })
    }

    fn proxy(&self, environment: &EnvironmentName) -> Proxy {
        Proxy::at(&self.0.context.proxy_socket(environment))
    }

    fn stand_up(
        &self,
        environment: &EnvironmentName,
        current: &Deployment,
        missing: Vec<ServiceName>,
    ) -> Result<(), String> {
        let journal = &self.0.journal;
        let held = match journal.acquire(environment, &Desk::name(), LEASE) {
            Ok(held) => held,
            // Somebody drives here: then it is theirs.
            Err(JournalError::HeldBy { .. }) => return Ok(()),
            Err(error) => return Err(error.to_string()),
        };
        let done = self.under_lease(environment, current, missing, &held);
        let released = journal.release(&held).map_err(|error| error.to_string());
        done.and(released)
    }

    fn under_lease(
        &self,
        environment: &EnvironmentName,
        current: &Deployment,
        missing: Vec<ServiceName>,
        held: &Held,
    ) -> Result<(), String> {
        let number = current.release.number;
        let taken = Event::LeaseTaken { epoch: held.epoch, holder: held.holder.clone(), from: held.taken_from.clone() };
        let text = format!("release {number} is what serves here, and it does not: it is started again");
        let events = vec![taken, Event::Noted { text }];
        let state = self.0.journal.fold().map_err(|error| error.to_string())?;
        let appended = self.0.journal.append_decided(Some(environment), &Desk::name(), state, |state| {
            let place = state.environment(environment);
            let still =
                place.rollout.is_none() && place.current.as_ref().is_some_and(|now| now.release == current.release);
            if still { Ok(events.clone()) } else { Err(()) }
        });
        if appended.map_err(|error| error.to_string())?.1.is_err() {
            return Ok(());
        }
        let agent = self.0.agent()?;
        let lease = Lease { environment: environment.clone(), epoch: held.epoch };
        if !missing.is_empty() {
            agent.start(lease, current.release.clone(), missing).map_err(|error| error.to_string())?;
        }
        self.route(environment, current, &agent, held)
    }

    /// Gives the release its traffic at the addresses where it answers now.
    fn route(
        &self,
        environment: &EnvironmentName,
        current: &Deployment,
        agent: &Agent,
        held: &Held,
    ) -> Result<(), String> {
        let Some(traffic) = current.traffic.as_ref().filter(|traffic| traffic.is_routed()) else { return Ok(()) };
        let status = agent.status().map_err(|error| error.to_string())?;
        let targets = traffic.routes.values().map(|service| {
            let instance = instance_of(&status, environment, &current.release, service);
            let address = instance.and_then(|instance| instance.address.clone());
            let address = address.ok_or_else(|| format!("`{service}` has no address"))?;
            Ok((service.clone(), TargetSet { release: current.release.number, addresses: vec![address] }))
        });
        let table = Table {
            listen: traffic.listen.clone(),
            routes: traffic.routes.clone(),
            login: traffic.login.clone(),
            current: targets.collect::<Result<_, String>>()?,
            drain: traffic.drain,
        };
        let order = Request::Switch { epoch: held.epoch, table: Some(table) };
        self.proxy(environment).order(&order).map_err(|error| error.to_string())
    }
}

/// A service's instance, whatever it is doing.
fn instance_of<'s>(
    status: &'s Status,
    environment: &EnvironmentName,
    release: &ReleaseRef,
    service: &ServiceName,
) -> Option<&'s Instance> {
    status.instances.iter().find(|instance| {
        instance.id.environment == *environment
            && instance.id.release == release.number
            && instance.id.service == *service
    })
}
