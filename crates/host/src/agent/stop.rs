//! Stopping: the mark in the folder first, so that whoever comes next finishes it, then the shim, then whatever is left.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};

use super::unit::{self, Key, Unit};
use super::watch::{end_strays, reap};
use super::{Agent, finding, held};
use crate::folder::Subject;
use crate::process::Process;
use crate::protocol::Response;

/// A shim needs this much longer than the service's grace: to kill, to reap, to write down.
const SHIM_EXTRA: Duration = Duration::from_secs(10);

impl Agent {
    pub(super) fn stop(
        &self,
        environment: &EnvironmentName,
        release: ReleaseNumber,
        services: &[ServiceName],
    ) -> Result<Response, Box<Finding>> {
        let chosen = |unit: &Arc<Unit>| match &unit.key {
            Key::Instance(id) => {
                id.environment == *environment
                    && id.release == release
                    && (services.is_empty() || services.contains(&id.service))
            }
            _ => false,
        };
        let units: Vec<_> = held(&self.units).values().filter(|unit| chosen(unit)).map(Arc::clone).collect();
        self.end_together(&units)?;
        Ok(Response::Done)
    }

    /// Ends several units side by side. All are tried; the first failure is told.
    pub(super) fn end_together(&self, units: &[Arc<Unit>]) -> Result<(), Box<Finding>> {
        thread::scope(|scope| {
            let ends: Vec<_> = units.iter().map(|unit| scope.spawn(|| self.end(unit))).collect();
            let results: Vec<_> = ends.into_iter().map(|end| end.join().unwrap_or(Ok(()))).collect();
            results.into_iter().collect()
        })
    }

    /// Ends a unit with all its processes. Its log stays. One that does not run is no error.
    pub(super) fn end(&self, unit: &Unit) -> Result<(), Box<Finding>> {
        let what = unit.key.to_string();
        let asked = unit.generation();
        let _ending = held(&unit.ending);
        // Somebody else has ended it meanwhile, and may have started it again since: that one is not meant.
        if unit.generation() != asked {
            return Ok(());
        }
        let (spec, generation) = {
            let _changing = held(&unit.change);
            let Some(spec) = unit.folder.spec().map_err(|error| finding::not_known(&what, &error))? else {
                return Ok(());
            };
            if !unit.folder.must_stop() {
                self.room
                    .or_give_up(|| unit.folder.mark_stop())
                    .map_err(|error| finding::cannot_write(&what, &error))?;
            }
            (spec, unit.generation())
        };
        unit.notify();
        let grace = spec.grace.duration();
        end_shim(unit, grace + SHIM_EXTRA);
        let status = unit.folder.status();
        let left = end_strays(&unit.folder, status.as_ref().map(|status| &status.shim), grace);
        reap(status.as_ref());
        if !left.is_empty() {
            let pids: Vec<u32> = left.iter().map(|process| process.pid).collect();
            return Err(finding::stop_incomplete(&unit::name(&spec.subject), &pids));
        }
        let _changing = held(&unit.change);
        // Another request may have finished this one's work and begun its own.
        if unit.generation() == generation && unit.folder.must_stop() {
            let cannot_write = |error| finding::cannot_write(&what, &error);
            if matches!(spec.subject, Subject::Run { .. }) {
                let status = Self::ended(&unit.folder, &spec, status).map_err(cannot_write)?;
                self.record_run(unit, &spec, &status).map_err(cannot_write)?;
            }
            unit.folder.clear().map_err(cannot_write)?;
            unit.next_generation();
        }
        Ok(())
    }

    pub(super) fn quit(&self, all: bool) -> Result<Response, Box<Finding>> {
        if all {
            let units: Vec<_> = self.running_units().into_iter().map(|(unit, _)| unit).collect();
            let (kept, others): (Vec<_>, Vec<_>) = units.into_iter().partition(|unit| matches!(unit.key, Key::Kept(_)));
            // First what would start others again.
            self.end_together(&kept)?;
            self.end_together(&others)?;
        }
        Ok(Response::Done)
    }
}

/// Tells the shim to end and waits for it; kills it when it does not.
fn end_shim(unit: &Unit, at_most: Duration) {
    let deadline = Instant::now() + at_most;
    let mut told: Option<Process> = None;
    loop {
        let shim = unit.folder.status().map(|status| status.shim).filter(Process::alive);
        match shim {
            Some(shim) => {
                if Instant::now() >= deadline {
                    shim.signal(Signal::KILL);
                    shim.wait(SHIM_EXTRA);
                    return;
                }
                if told.as_ref() != Some(&shim) {
                    shim.signal(Signal::TERM);
                    told = Some(shim.clone());
                }
                shim.wait(Duration::from_millis(100));
            }
            // It may just be starting and has said nothing yet; then it has the lock, sees the mark, and ends.
            None => match unit.folder.lock() {
                Ok(Some(_nobody_has_it)) => return,
                Err(_) => return,
                Ok(None) if Instant::now() >= deadline => return,
                Ok(None) => unit.wait(Duration::from_millis(10)),
            },
        }
    }
}
