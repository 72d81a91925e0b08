//! Services and jobs, through the agent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use sternway_core::event::StepResult;
use sternway_core::finding::Finding;
use sternway_core::ids::ServiceName;
use sternway_core::release::ReleaseRef;
use sternway_core::time::Millis;
use sternway_engine::ports::Order;
use sternway_host::client::{Agent, ClientError};
use sternway_host::protocol::{Instance, InstanceState, Status};

use super::Local;
use super::outcome::{Failure, done};
use crate::proxy::LOOK;

/// How often whoever waits asks whether that is still wanted.
const LISTEN: Duration = Duration::from_millis(100);

impl Local {
    pub(super) fn start(
        &self,
        order: &Order<'_>,
        release: &ReleaseRef,
        services: &[ServiceName],
    ) -> Result<StepResult, Failure> {
        if services.is_empty() {
            return Ok(done("nothing to start"));
        }
        let addresses = self.agent(|agent| agent.start(Self::lease(order), release.clone(), services.to_vec()))?;
        let words: Vec<String> = addresses.iter().map(|(service, address)| format!("{service} at {address}")).collect();
        Ok(done(if words.is_empty() { "running".to_owned() } else { format!("ready: {}", words.join(", ")) }))
    }

    pub(super) fn stop(
        &self,
        order: &Order<'_>,
        release: &ReleaseRef,
        services: &[ServiceName],
    ) -> Result<StepResult, Failure> {
        if !services.is_empty() {
            self.agent(|agent| agent.stop(Self::lease(order), release.number, services.to_vec()))?;
        }
        Ok(done("stopped"))
    }

    /// Waits until nothing is open on the release any more, as long as that is wanted: nothing was moved or stopped until then, so that
    /// whoever goes back to the release finds it warm. Its stop is waited for to its end: what was told to end must be started anew.
    pub(super) fn drain_and_stop(
        &self,
        order: &Order<'_>,
        release: &ReleaseRef,
        services: &[ServiceName],
        wanted: &dyn Fn() -> bool,
    ) -> Result<StepResult, Failure> {
        let (proxy, number, drain) = (Arc::clone(&self.proxy), release.number, order.plan.traffic.drain.duration());
        let drained = while_wanted(wanted, move || proxy.drained(number, drain)).filter(|_| wanted());
        let Some(closed) = drained else {
            return Ok(StepResult::Unknown { why: format!("not wanted any more: release {number} goes on running") });
        };
        let closed = closed?;
        self.stop(order, release, services)?;
        Ok(done(match closed {
            0 => "drained and stopped".to_owned(),
            n => format!("stopped; {n} requests or connections were closed after {}", order.plan.traffic.drain),
        }))
    }

    /// Runs a job, or its undo. The agent runs a key once, and the undo of a job only when that job's own run ever began.
    pub(super) fn run_job(
        &self,
        order: &Order<'_>,
        release: &ReleaseRef,
        service: &ServiceName,
        command: &str,
        within: Millis,
    ) -> Result<StepResult, Failure> {
        let undoes = order.key.split_once(".undo").map(|(stem, _)| format!("{stem}.do"));
        let ran = self.agent(|agent| {
            let (lease, command, key) = (Self::lease(order), command.to_owned(), order.key.clone());
            agent.run(lease, release.clone(), service.clone(), command, key, within, undoes.clone())
        })?;
        if ran.code == 0 {
            return Ok(done(if ran.recorded { "done before" } else { "exit status 0" }));
        }
        let last = ran.tail.last().map(|line| format!(": {line}")).unwrap_or_default();
        Err(Failure::found(
            Finding::error("S0308", service.as_str(), format!("job `{service}` ended with status {}{last}", ran.code))
                .hint(format!("see its log with `sternway log --service {service}`")),
        ))
    }

    /// `host:port` of each service of a release that has a port.
    pub(super) fn addresses(
        &self,
        order: &Order<'_>,
        release: &ReleaseRef,
    ) -> Result<BTreeMap<ServiceName, String>, Failure> {
        Ok(addresses_in(self.agent(Agent::status)?, order, release))
    }

    fn instances(&self, order: &Order<'_>, release: &ReleaseRef) -> Result<Vec<Instance>, Failure> {
        Ok(instances_in(self.agent(Agent::status)?, order, release).collect())
    }

    /// What the agent says at once. Asked once and without patience: the judge waits for it.
    pub(super) fn agent_now(&self) -> Result<Status, ClientError> {
        Agent::connect_within(&self.agent, LOOK)?.status()
    }

    /// Starts what a release needs to serve, and gives it the traffic that it had.
    pub(super) fn stand_up(&self, order: &Order<'_>, release: &ReleaseRef) -> Result<(), Failure> {
        self.start_all_of(order, release)?;
        let traffic =
            if *release == order.plan.candidate { Some(&order.plan.traffic) } else { order.plan.base_traffic.as_ref() };
        if let Some(traffic) = traffic.filter(|traffic| traffic.is_routed()) {
            self.switch(order, release, traffic)?;
        }
        Ok(())
    }

    /// Starts every service that the release needs to serve; what runs is left alone.
    pub(super) fn start_all_of(&self, order: &Order<'_>, release: &ReleaseRef) -> Result<(), Failure> {
        let services: Vec<ServiceName> = order.plan.services_of(release).into_iter().collect();
        self.start(order, release, &services).map(|_| ())
    }

    /// An instance of the release that ended by itself more than once.
    pub(super) fn crash_loop(&self, order: &Order<'_>, release: &ReleaseRef) -> Result<Option<Finding>, ClientError> {
        let looping = instances_in(self.agent_now()?, order, release).find(|instance| instance.restarts > 1);
        Ok(looping.map(|instance| {
            let service = instance.id.service.as_str();
            let text = format!(
                "`{service}` of release {} ended by itself {} times while it was watched",
                release.number, instance.restarts
            );
            Finding::error("S0705", service, text).hint(format!("see its log with `sternway log --service {service}`"))
        }))
    }

    /// Whether each of these services of a release runs and is ready. One that is not there at all is as bad as one that is down.
    pub(super) fn ready(
        &self,
        order: &Order<'_>,
        release: &ReleaseRef,
        services: &BTreeSet<ServiceName>,
    ) -> Result<(), Failure> {
        let instances = self.instances(order, release)?;
        services.iter().try_for_each(|service| is_ready(&instances, release, service))
    }
}

/// Waits for something for as long as that is wanted, on a thread of its own: one that is not waited for any more ends by itself.
fn while_wanted<T: Send + 'static>(wanted: &dyn Fn() -> bool, wait: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, end) = channel();
    thread::spawn(move || {
        let _nobody_waits_any_more = done.send(wait());
    });
    loop {
        match end.recv_timeout(LISTEN) {
            Ok(result) => return Some(result),
            Err(RecvTimeoutError::Timeout) if wanted() => {}
            Err(_) => return None,
        }
    }
}

fn instances_in(status: Status, order: &Order<'_>, release: &ReleaseRef) -> impl Iterator<Item = Instance> {
    let (environment, release) = (order.plan.environment.clone(), release.number);
    let of_release =
        move |instance: &Instance| instance.id.environment == environment && instance.id.release == release;
    status.instances.into_iter().filter(of_release)
}

/// `host:port` of each service of a release that has a port.
pub(super) fn addresses_in(status: Status, order: &Order<'_>, release: &ReleaseRef) -> BTreeMap<ServiceName, String> {
    let known = instances_in(status, order, release);
    known.filter_map(|instance| Some((instance.id.service, instance.address?))).collect()
}

fn is_ready(instances: &[Instance], release: &ReleaseRef, service: &ServiceName) -> Result<(), Failure> {
    let what = match instances.iter().find(|instance| instance.id.service == *service) {
        Some(Instance { state: InstanceState::Ready, .. }) => return Ok(()),
        Some(instance) => words(instance),
        None => "not running".to_owned(),
    };
    let text = format!("`{service}` of release {} is {what}", release.number);
    Err(Failure::found(
        Finding::error("S0309", service.as_str(), text)
            .hint(format!("see its log with `sternway log --service {service}`")),
    ))
}

fn words(instance: &Instance) -> String {
    match &instance.state {
        InstanceState::Starting => "starting".to_owned(),
        InstanceState::Ready => "ready".to_owned(),
        InstanceState::BackingOff { ended, .. } => format!("down ({ended}), to be restarted"),
        InstanceState::Stopping => "stopping".to_owned(),
        InstanceState::Ended { ended } => format!("ended ({ended})"),
    }
}

#[cfg(test)]
mod tests {
    use sternway_core::digest::Digest;
    use sternway_core::ids::{EnvironmentName, ReleaseNumber};
    use sternway_core::release::{Ready, ServiceKind, ServiceSpec};
    use sternway_core::time::Timestamp;
    use sternway_host::protocol::InstanceId;

    use super::*;

    fn instance(service: &str, state: InstanceState) -> Instance {
        let (environment, service) = (EnvironmentName::new("production").unwrap(), ServiceName::new(service).unwrap());
        let spec = ServiceSpec {
            kind: ServiceKind::Web,
            run: "run".to_owned(),
            undo: None,
            ready: Ready::Tcp,
            ready_within: Millis(1),
            grace: Millis(1),
            overlap: true,
            port: None,
            shared: Vec::new(),
        };
        Instance {
            id: InstanceId { environment, service, release: ReleaseNumber(1) },
            digest: Digest::of(b"1"),
            state,
            address: None,
            pid: None,
            shim: None,
            restarts: 0,
            since: Timestamp::from_millis(0),
            spec,
        }
    }

    #[test]
    fn a_service_that_is_not_there_is_not_ready_however_ready_the_others_are() {
        let release = ReleaseRef { number: ReleaseNumber(1), digest: Digest::of(b"1") };
        let instances = [instance("web", InstanceState::Ready), instance("slow", InstanceState::Starting)];
        let ready = |service: &str| is_ready(&instances, &release, &ServiceName::new(service).unwrap());
        assert!(ready("web").is_ok());
        assert!(ready("slow").unwrap_err().to_string().contains("starting"));
        assert!(ready("legacy").unwrap_err().to_string().contains("not running"));
    }
}
