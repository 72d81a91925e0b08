//! Commands that run once: each key has one result, recorded durably, also across the agent's death.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sternway_core::digest::Digest;
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::release::ReleaseRef;
use sternway_core::time::{Millis, Timestamp};

use super::start::{LAST_WORDS, shell, variables};
use super::unit::{Key, Unit};
use super::{Agent, finding};
use crate::clock::now;
use crate::durable;
use crate::folder::{FORMAT, ShimSpec, ShimStatus, Subject};
use crate::log::last_words;
use crate::protocol::{InstanceId, Response};
use crate::secrets::Secrets;

/// A command to run once.
pub(super) struct Order {
    pub(super) environment: EnvironmentName,
    pub(super) release: ReleaseRef,
    pub(super) service: ServiceName,
    pub(super) command: String,
    pub(super) key: String,
    pub(super) within: Millis,
    /// The key of the run that this one undoes.
    pub(super) undoes: Option<String>,
}

/// The result of a command, `runs/<digest of environment and key>.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    format: u32,
    written_by: String,
    environment: EnvironmentName,
    /// Whose command it was; unknown in what the first versions wrote.
    #[serde(default)]
    release: Option<ReleaseNumber>,
    key: String,
    code: i32,
    tail: Vec<String>,
    at: Timestamp,
}

/// How long a result is kept that does not say whose it is: no rollout lasts so long.
const UNNAMED: Duration = Duration::from_hours(30 * 24);

impl Agent {
    /// Runs a command, waits for one that runs, or answers with the recorded result, whatever that was. A result is final: who
    /// wants the command to run again asks with another key.
    pub(super) fn run_command(self: &Arc<Self>, order: &Order) -> Result<Response, Box<Finding>> {
        let unit = self.unit(&Key::Run(slug(&order.environment, &order.key)));
        if let Some(record) = read(&unit)? {
            return Ok(record.answer(true));
        }
        if let Some(undone) = &order.undoes
            && !self.ever_began(&order.environment, undone)?
        {
            return Ok(Response::Ran { code: 0, tail: Vec::new(), recorded: true });
        }
        let staged = self.staged(&order.environment, &order.release)?;
        staged.service(&order.service)?;
        self.launch(&unit, || {
            // The command that ran a moment ago may have ended meanwhile.
            if read(&unit)?.is_some() {
                return Ok(None);
            }
            let id = InstanceId {
                environment: order.environment.clone(),
                service: order.service.clone(),
                release: order.release.number,
            };
            let grace = staged.service(&order.service)?.grace;
            Ok(Some(ShimSpec {
                format: FORMAT,
                written_by: env!("CARGO_PKG_VERSION").to_owned(),
                subject: Subject::Run {
                    environment: order.environment.clone(),
                    key: order.key.clone(),
                    release: order.release.clone(),
                },
                command: shell(&order.command),
                cwd: staged.folder.join(order.service.as_str()),
                variables: variables(&staged, &id, None),
                grace,
                restart: None,
                within: Some(order.within),
                log: self.options.log,
            }))
        })?;
        // Its shim ends it in time, and its watcher records the end.
        loop {
            if let Some(record) = read(&unit)? {
                return Ok(record.answer(false));
            }
            unit.wait(Duration::from_millis(10));
        }
    }

    /// Whether a command with this key has ended or runs.
    fn ever_began(&self, environment: &EnvironmentName, key: &str) -> Result<bool, Box<Finding>> {
        let unit = self.unit(&Key::Run(slug(environment, key)));
        let known = |error| finding::not_known(&unit.key.to_string(), &error);
        Ok(read(&unit)?.is_some() || unit.folder.spec().map_err(known)?.is_some())
    }

    /// Records the end of a command, unless it is recorded already, and takes its folder away. The caller holds `change`.
    pub(super) fn record_run(&self, unit: &Unit, spec: &ShimSpec, status: &ShimStatus) -> io::Result<()> {
        let Subject::Run { environment, key, release } = &spec.subject else { return Ok(()) };
        let path = record_path(unit.folder.path());
        if durable::read_json::<Record>(&path)?.is_none() {
            let secrets = self.store.values(&release.digest).map(|values| Secrets::of(&values)).unwrap_or_default();
            let exit = status.last_exit.as_ref();
            let code = exit.map_or(137, |exit| exit.code);
            let mut tail = secrets.hide_and_cut(last_words(unit.folder.path(), Timestamp::default(), LAST_WORDS));
            if code >= 124 {
                // What the command itself could not say: stopped, killed, not started, interrupted.
                tail.extend(exit.map(|exit| secrets.hide(&exit.words)));
            }
            let record = Record {
                format: FORMAT,
                written_by: env!("CARGO_PKG_VERSION").to_owned(),
                environment: environment.clone(),
                release: Some(release.number),
                key: key.clone(),
                code,
                tail,
                at: now(),
            };
            durable::write(&path, &durable::json(&record)?)?;
        }
        unit.folder.clear()
    }
}

impl Agent {
    /// Forgets the results of commands of removed releases. Only a rollout asks for a result, and while one is open its releases
    /// are not removed. What cannot be read or removed only takes room.
    pub(super) fn forget_runs(&self, environment: &EnvironmentName, releases: &[ReleaseNumber]) {
        let gone = |record: &Record| match &record.release {
            Some(number) => releases.contains(number),
            None => now().since(record.at) > UNNAMED,
        };
        for entry in fs::read_dir(self.options.state.join("runs")).into_iter().flatten().flatten() {
            let path = entry.path();
            let result = path.extension().is_some_and(|extension| extension == "json");
            let record = if result { durable::read_json::<Record>(&path).ok().flatten() } else { None };
            if record.is_some_and(|record| record.environment == *environment && gone(&record)) {
                // First its folder: while the result is there, what is left is found again.
                match fs::remove_dir_all(path.with_extension("")) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {}
                    _ => drop(fs::remove_file(&path)),
                }
            }
        }
    }
}

impl Record {
    fn answer(self, recorded: bool) -> Response {
        Response::Ran { code: self.code, tail: self.tail, recorded }
    }
}

fn read(unit: &Unit) -> Result<Option<Record>, Box<Finding>> {
    durable::read_json(&record_path(unit.folder.path()))
        .map_err(|error| finding::not_known(&unit.key.to_string(), &error))
}

/// A key may hold anything: its digest is safe as a file's name.
fn slug(environment: &EnvironmentName, key: &str) -> String {
    Digest::of(format!("{environment}\n{key}").as_bytes()).hex()[..40].to_owned()
}

fn record_path(folder: &Path) -> PathBuf {
    folder.with_extension("json")
}
