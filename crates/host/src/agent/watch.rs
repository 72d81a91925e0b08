//! Watching over one unit: is it ready, does its shim live, has its command ended.

use std::fs;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::unit::{Key, Unit};
use super::{Agent, finding, held};
use crate::clock::now;
use crate::folder::{Exit, FORMAT, Folder, Phase, ShimSpec, ShimStatus, Subject};
use crate::process::{MARKER, Process, end_all, strays};
use crate::protocol::InstanceId;
use crate::ready::{Look, look};

/// Between two looks at what is settled. A shim's own end is seen at once.
const SETTLED: Duration = Duration::from_millis(250);

/// What a killed shim left behind may take this long to end well before the service is started again.
const ORPHAN_GRACE: Duration = Duration::from_secs(2);

impl Agent {
    /// Takes over what an earlier agent left: watches what must run, finishes what must stop.
    pub(super) fn adopt(self: &Arc<Self>) {
        for (parent, key) in [
            ("instances", (|_, spec| instance_key(spec)) as fn(String, &ShimSpec) -> Option<Key>),
            ("kept", |name, _| Some(Key::Kept(name))),
            ("runs", |name, _| Some(Key::Run(name))),
        ] {
            let Ok(entries) = fs::read_dir(self.options.state.join(parent)) else { continue };
            for entry in entries.flatten().filter(|entry| entry.path().is_dir()) {
                let name = entry.file_name().to_string_lossy().into_owned();
                match Folder::new(entry.path()).spec() {
                    Ok(Some(spec)) if spec.format <= FORMAT => {
                        if let Some(key) = key(name, &spec) {
                            self.adopt_unit(&self.unit(&key));
                        }
                    }
                    Ok(Some(_)) => {
                        self.warn(format!("{parent}/{name} was written by a later version and is left alone"));
                    }
                    Ok(None) => {}
                    Err(error) => {
                        self.warn(format!("{parent}/{name}/spec.json is not readable and left alone: {error}"));
                    }
                }
            }
        }
        self.keep_who_is_alone();
    }

    fn adopt_unit(self: &Arc<Self>, unit: &Arc<Unit>) {
        if unit.folder.must_stop() {
            let (agent, unit) = (Arc::clone(self), Arc::clone(unit));
            self.in_background(move || {
                if let Err(finding) = agent.end(&unit) {
                    agent.warn(finding.to_string());
                }
            });
        } else {
            let generation = unit.next_generation();
            self.watch(unit, generation);
        }
    }

    pub(super) fn warn(&self, text: String) {
        let mut warning = held(&self.warning);
        *warning = Some(warning.take().map_or(text.clone(), |before| format!("{before}; {text}")));
    }

    fn in_background(&self, work: impl FnOnce() + Send + 'static) {
        if let Err(error) = thread::Builder::new().name("watch".to_owned()).spawn(work) {
            self.warn(format!("no thread can be started: {error}"));
        }
    }

    /// Watches a unit in the background until it is stopped or another generation begins.
    pub(super) fn watch(self: &Arc<Self>, unit: &Arc<Unit>, generation: u64) {
        let (agent, unit) = (Arc::clone(self), Arc::clone(unit));
        self.in_background(move || {
            let mut failures = 0;
            while unit.generation() == generation && !unit.folder.must_stop() {
                let spec = match unit.folder.spec() {
                    Ok(Some(spec)) => spec,
                    Ok(None) => return,
                    // Out of file descriptors, for one: it gets better or the agent is restarted.
                    Err(error) => {
                        unit.saw(format!("its spec.json cannot be read: {error}"));
                        unit.wait(SETTLED);
                        continue;
                    }
                };
                let status = unit.folder.status();
                if unit.folder.is_leaving() {
                    if Self::has_left(&unit, generation, status.as_ref()) {
                        return;
                    }
                    continue;
                }
                let pause = match &status {
                    Some(status) if status.shim.alive() => {
                        failures = 0;
                        Self::look_at(&unit, &spec, status)
                    }
                    _ if spec.restart.is_none() => {
                        reap(status.as_ref());
                        agent.finish(&unit, generation, &spec, status);
                        return;
                    }
                    _ => match agent.revive(&unit, generation, status.as_ref()) {
                        Ok(()) => Duration::ZERO,
                        Err(error) => {
                            unit.saw(format!("its shim does not start: {error}"));
                            failures += 1;
                            agent.options.backoff.first.duration() * 2_u32.pow(failures.min(7))
                        }
                    },
                };
                match status {
                    Some(status) if status.shim.alive() => {
                        status.shim.wait(pause);
                    }
                    _ => unit.wait(pause),
                }
            }
        });
    }

    /// Whether a unit that leaves is gone; it is forgotten then. Waits a moment when not.
    fn has_left(unit: &Unit, generation: u64, status: Option<&ShimStatus>) -> bool {
        let of_it = |status: &ShimStatus| [Some(status.shim.clone()), status.child.clone()];
        let alive = status.into_iter().flat_map(of_it).flatten().find(Process::alive);
        if let Some(process) = alive {
            process.wait(SETTLED);
            return false;
        }
        reap(status);
        let _changing = held(&unit.change);
        if unit.generation() != generation || !unit.folder.is_leaving() {
            return false;
        }
        if unit.folder.clear().is_err() {
            // A full disk, for one: it gets better.
            unit.wait(SETTLED);
            return false;
        }
        unit.next_generation();
        true
    }

    /// Looks whether it is ready. Answers how long to wait for the next look.
    fn look_at(unit: &Unit, spec: &ShimSpec, status: &ShimStatus) -> Duration {
        let Subject::Instance { service, address, .. } = &spec.subject else { return SETTLED };
        let Some(child) = status.child.clone().filter(|_| status.phase == Phase::Running) else { return SETTLED / 10 };
        // A job is never ready, it only ends.
        if unit.is_ready(status) || spec.restart.is_none() {
            return SETTLED;
        }
        let port = address.as_deref().and_then(|address| address.rsplit_once(':')?.1.parse().ok());
        let alive = now().since(status.since);
        match look(&service.ready, port, alive) {
            // What answered may be another one's when this one died meanwhile.
            Look::Ready if child.alive() => unit.saw_ready(child),
            Look::Ready => {}
            Look::NotYet(seen) => unit.saw(seen),
        }
        // Quick services are seen quickly, slow ones are not pestered.
        (alive / 10).clamp(Duration::from_millis(10), SETTLED)
    }

    /// The shim is gone but the unit must run: ends what it left behind and starts another.
    fn revive(&self, unit: &Unit, generation: u64, status: Option<&ShimStatus>) -> io::Result<()> {
        let _changing = held(&unit.change);
        if unit.generation() != generation || unit.folder.must_stop() {
            return Ok(());
        }
        end_strays(&unit.folder, status.map(|status| &status.shim), ORPHAN_GRACE);
        reap(status);
        self.start_shim(&unit.folder)
    }

    /// What runs once has ended, or its shim was killed: notes how.
    fn finish(&self, unit: &Unit, generation: u64, spec: &ShimSpec, status: Option<ShimStatus>) {
        let _changing = held(&unit.change);
        if unit.generation() != generation || unit.folder.must_stop() {
            return;
        }
        let recorded = Self::ended(&unit.folder, spec, status).and_then(|status| match &spec.subject {
            Subject::Run { .. } => self.record_run(unit, spec, &status),
            _ => Ok(()),
        });
        if let Err(error) = recorded {
            self.warn(finding::cannot_write(&unit.key.to_string(), &error).to_string());
        }
        unit.notify();
    }

    /// The final status of what runs once. When its shim was killed, what was left is killed too, and how it ended stays unknown.
    pub(super) fn ended(folder: &Folder, spec: &ShimSpec, status: Option<ShimStatus>) -> io::Result<ShimStatus> {
        if let Some(status) = &status
            && status.phase == Phase::Ended
        {
            return Ok(status.clone());
        }
        let left = end_strays(folder, status.as_ref().map(|status| &status.shim), spec.grace.duration());
        let exit = Exit {
            code: 137,
            words: "interrupted: its shim was killed, so how it ended is not known".to_owned(),
            survivors: u32::try_from(left.len()).unwrap_or(u32::MAX),
            at: now(),
        };
        let nobody = || Process { pid: 0, start: 0, boot: String::new() };
        let status = ShimStatus {
            format: FORMAT,
            written_by: env!("CARGO_PKG_VERSION").to_owned(),
            shim: status.as_ref().map_or_else(nobody, |status| status.shim.clone()),
            child: None,
            phase: Phase::Ended,
            restarts: 0,
            since: status.as_ref().map_or_else(now, |status| status.since),
            last_exit: Some(exit),
        };
        folder.write_status(&status)?;
        Ok(status)
    }
}

/// A shim has ended: it leaves no entry in the table of processes.
pub(super) fn reap(status: Option<&ShimStatus>) {
    if let Some(status) = status {
        status.shim.reap();
    }
}

/// Ends the processes that a killed shim left behind; answers with those that cannot be ended.
pub(super) fn end_strays(folder: &Folder, shim: Option<&Process>, grace: Duration) -> Vec<Process> {
    debug_assert!(folder.path().is_absolute(), "{MARKER} is the folder's full path");
    let marker = folder.path().to_string_lossy();
    end_all(|| strays(&marker, shim), None, grace)
}

fn instance_key(spec: &ShimSpec) -> Option<Key> {
    match &spec.subject {
        Subject::Instance { id, .. } => Some(Key::Instance(InstanceId::clone(id))),
        _ => None,
    }
}
