//! What the agent says about what runs.

use sternway_core::finding::Finding;

use super::unit::Unit;
use super::{Agent, finding, held};
use crate::carried;
use crate::clock::now;
use crate::folder::{Phase, ShimSpec, ShimStatus, Subject};
use crate::log;
use crate::process::Process;
use crate::protocol::{Carried, Instance, InstanceId, InstanceState, Kept, ProcessRef, Response, Status, VERSION};
use crate::secrets::Secrets;

impl Agent {
    pub(super) fn status(&self) -> Status {
        let mut instances = Vec::new();
        let mut kept = Vec::new();
        for (unit, spec) in self.running_units() {
            let status = unit.folder.status();
            let pid = |process: Option<&Process>| process.filter(|process| process.alive()).map(|process| process.pid);
            let child = pid(status.as_ref().and_then(|status| status.child.as_ref()));
            let shim = pid(status.as_ref().map(|status| &status.shim));
            let restarts = status.as_ref().map_or(0, |status| status.restarts);
            let state = state(&unit, &spec, status.as_ref());
            match spec.subject {
                Subject::Instance { id, digest, service, address } => instances.push(Instance {
                    id,
                    digest,
                    state,
                    address,
                    pid: child,
                    shim,
                    restarts,
                    since: status.map_or_else(now, |status| status.since),
                    spec: *service,
                }),
                // It ends by itself; another one has its place.
                Subject::Kept { .. } if unit.folder.is_leaving() => {}
                Subject::Kept { name } => kept.push(Kept { name, command: spec.command, pid: child, shim, restarts }),
                Subject::Run { .. } => {}
            }
        }
        let (epochs, witness) = {
            let memory = held(&self.memory);
            (memory.epochs.clone(), memory.witness.clone())
        };
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            protocol: VERSION,
            pid: std::process::id(),
            since: self.since,
            epochs,
            instances,
            kept,
            staged: self.staged_numbers(),
            witness,
            warning: held(&self.warning).clone(),
        }
    }

    /// What a process carries in its environment.
    pub(super) fn environment(&self, of: &ProcessRef) -> Result<Response, Box<Finding>> {
        let carried = match of {
            ProcessRef::Instance(id) => self.carried_by(id),
            ProcessRef::PidFile(_) | ProcessRef::Unit(_) => carried::of_other(of),
        };
        carried.map(|carried| Response::Environment(Box::new(carried))).map_err(|why| finding::no_environment(of, &why))
    }

    fn carried_by(&self, id: &InstanceId) -> Result<Carried, String> {
        let folder = self.unit(&super::unit::Key::Instance(id.clone())).folder.clone();
        let spec = folder.spec().map_err(|error| error.kind().to_string())?.ok_or("it does not run")?;
        let Subject::Instance { digest, .. } = &spec.subject else { return Err("it does not run".to_owned()) };
        let child = folder.status().and_then(|status| status.child).ok_or("it does not run at the moment")?;
        let values = self.store.values(digest).map_err(|error| error.to_string())?;
        let sealed = values.get(&id.service).cloned().unwrap_or_default();
        carried::of_instance(&child, &sealed, &spec.variables)
    }

    /// The last lines of an instance's log, without configuration values. An instance without a log has no lines.
    pub(super) fn tail(&self, id: &InstanceId, lines: usize) -> Vec<String> {
        let unit = self.unit(&super::unit::Key::Instance(id.clone()));
        let digest = match unit.folder.spec() {
            Ok(Some(ShimSpec { subject: Subject::Instance { digest, .. }, .. })) => Some(digest),
            _ => self.staged_digest(&id.environment, id.release),
        };
        let values = digest.and_then(|digest| self.store.values(&digest).ok());
        let secrets = values.map(|values| Secrets::of(&values)).unwrap_or_default();
        secrets.hide_all(log::tail(unit.folder.path(), lines))
    }
}

fn state(unit: &Unit, spec: &ShimSpec, status: Option<&ShimStatus>) -> InstanceState {
    if unit.folder.must_stop() {
        return InstanceState::Stopping;
    }
    let Some(status) = status else { return InstanceState::Starting };
    let ended = || status.last_exit.as_ref().map_or_else(|| "not known".to_owned(), |exit| exit.words.clone());
    match status.phase {
        Phase::Running if unit.is_ready(status) => InstanceState::Ready,
        Phase::Running => InstanceState::Starting,
        Phase::BackingOff { until } => InstanceState::BackingOff { ended: ended(), until },
        Phase::Ended if spec.restart.is_none() => InstanceState::Ended { ended: ended() },
        // Its shim was stopped by another hand; the agent starts one again.
        Phase::Ended => InstanceState::BackingOff { ended: ended(), until: now() },
        Phase::Stopping => InstanceState::Stopping,
    }
}
