//! What sources of configuration ask of this machine beside files: what commands print, and what processes carry.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sternway_command::{Keep, Limits, run, shell};
use sternway_config::machine::{LARGEST_OUTPUT, Machine, Running, Which};
use sternway_config::{SecretText, Site};
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::state::State;
use sternway_host::carried;
use sternway_host::client::{Agent, ClientError};
use sternway_host::protocol::{Carried, InstanceId, ProcessRef};

use super::watch::serves;
use crate::context::Context;

/// How long a command may take.
const WITHIN: Duration = Duration::from_secs(30);
/// How long the agent may take to look at a process.
const LOOK: Duration = Duration::from_secs(10);

type Output = Result<Arc<Vec<u8>>, String>;

/// What commands printed in one look at a project: it asks for the same source several times, for each service, each environment, and
/// what is sealed, and all of these must see the same. It lasts as long as the look, and is no longer believed afterwards.
#[derive(Clone, Default)]
pub(crate) struct Printed(Arc<Mutex<HashMap<(PathBuf, String), Output>>>);

impl std::fmt::Debug for Printed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Printed(***)")
    }
}

impl Printed {
    fn of(&self, folder: &Path, line: &str) -> Output {
        // Held while it runs: who asks for the same at the same time gets the same.
        let mut printed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        printed.entry((folder.to_owned(), line.to_owned())).or_insert_with(|| output(folder, line)).clone()
    }
}

/// A command runs in the project's folder, with the environment of whoever runs `sternway`. What it writes to standard error is not looked
/// at: it may hold secrets.
fn output(folder: &Path, line: &str) -> Output {
    let mut command = shell(line);
    command.current_dir(folder);
    let limits = Limits { within: WITHIN, keep: Keep::All(LARGEST_OUTPUT), errors: false, input: None };
    let ended = run(command, &limits).map_err(|failed| failed.to_string())?;
    if !ended.status.success() {
        return Err(format!("it failed: {}", sternway_command::words(ended.status)));
    }
    ended.output.map(Arc::new).ok_or_else(|| "what it left running still holds its output".to_owned())
}

/// This machine, as sources of one environment see it.
pub(crate) struct ThisMachine<'a> {
    context: &'a Context,
    environment: &'a EnvironmentName,
    /// The release whose processes are meant.
    serves: Option<ReleaseNumber>,
}

impl<'a> ThisMachine<'a> {
    pub(crate) fn of(context: &'a Context, environment: &'a EnvironmentName, state: &State) -> Self {
        Self { context, environment, serves: serves(state, environment) }
    }

    /// Where the sources of the environment are read.
    pub(crate) fn site(&self) -> Site<'_> {
        Site { folder: &self.context.project_dir, machine: self }
    }

    fn carried(&self, which: ProcessRef) -> Result<Carried, String> {
        // What is not the agent's can be looked at without it; it may look at more than who types this, and later from elsewhere.
        let alone = matches!(which, ProcessRef::PidFile(_) | ProcessRef::Unit(_));
        let asked = Agent::connect_within(&self.context.agent_socket(), LOOK)
            .and_then(|agent| agent.environment(which.clone()));
        match asked {
            Ok(carried) => Ok(carried),
            Err(ClientError::Failed(finding)) if finding.code != "S0316" => Err(finding.message),
            Err(_) if alone => carried::of_other(&which),
            Err(error) if error.is_of_before() => {
                Err("the agent is of an earlier version: `sternway upgrade` puts this one in its place".to_owned())
            }
            Err(_) => Err("the agent does not answer".to_owned()),
        }
    }
}

impl Machine for ThisMachine<'_> {
    fn command(&self, line: &str) -> Output {
        self.context.printed.of(&self.context.project_dir, line)
    }

    fn process(&self, which: Which<'_>) -> Result<Running, String> {
        let (process, of) = match which {
            Which::Service(service) => {
                let service = ServiceName::new(service).map_err(|error| error.to_string())?;
                let release = self.serves.ok_or_else(|| format!("no release serves in {}", self.environment))?;
                let of = format!("{service}, release {release}");
                (ProcessRef::Instance(InstanceId { environment: self.environment.clone(), service, release }), of)
            }
            Which::PidFile(path) => (ProcessRef::PidFile(absolute(&self.context.project_dir, path)?), path.to_owned()),
            Which::Unit(unit) => (ProcessRef::Unit(unit.to_owned()), unit.to_owned()),
        };
        let carried = self.carried(process)?;
        if carried.overwritten {
            return Err(format!("process {} wrote over it, or was started with another one", carried.pid));
        }
        let variables = carried.carries.0.into_iter().map(|(key, value)| (key, SecretText::new(value)));
        Ok(Running { name: format!("process {} of {of}", carried.pid), variables: variables.collect() })
    }
}

fn absolute(folder: &Path, path: &str) -> Result<PathBuf, String> {
    std::path::absolute(folder.join(path)).map_err(|error| format!("its file cannot be named: {}", error.kind()))
}
