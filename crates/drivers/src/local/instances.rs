//! Services and jobs, through the agent.

use std::collections::BTreeMap;

use sternway_core::event::StepResult;
use sternway_core::finding::Finding;
use sternway_core::ids::ServiceName;
use sternway_core::release::ReleaseRef;
use sternway_core::time::Millis;
use sternway_engine::ports::Order;
use sternway_host::protocol::{Instance, InstanceState};

use super::Local;
use super::outcome::{Failure, done};

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

    pub(super) fn drain_and_stop(
        &self,
        order: &Order<'_>,
        release: &ReleaseRef,
        services: &[ServiceName],
    ) -> Result<StepResult, Failure> {
        let drain = order.plan.traffic.drain.duration();
        let closed = self.proxy.drained(release.number, drain)?;
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
        let instances = self.instances(order, release)?;
        let known = instances.into_iter().filter_map(|instance| Some((instance.id.service, instance.address?)));
        Ok(known.collect())
    }

    fn instances(&self, order: &Order<'_>, release: &ReleaseRef) -> Result<Vec<Instance>, Failure> {
        let status = self.agent(sternway_host::client::Agent::status)?;
        let of_release = |instance: &Instance| {
            instance.id.environment == order.plan.environment && instance.id.release == release.number
        };
        Ok(status.instances.into_iter().filter(of_release).collect())
    }

    /// Whether every instance of the release is ready.
    pub(super) fn all_ready(&self, order: &Order<'_>, release: &ReleaseRef) -> Result<(), Failure> {
        let instances = self.instances(order, release)?;
        if instances.is_empty() {
            let text = format!("no instance of release {} runs", release.number);
            return Err(Failure::found(Finding::error("S0309", format!("release {}", release.number), text)));
        }
        match instances.iter().find(|instance| instance.state != InstanceState::Ready) {
            None => Ok(()),
            Some(instance) => Err(Failure::found(
                Finding::error(
                    "S0309",
                    instance.id.service.as_str(),
                    format!("{} is {}", instance.id, words(instance)),
                )
                .hint(format!("see its log with `sternway log --service {}`", instance.id.service)),
            )),
        }
    }
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
