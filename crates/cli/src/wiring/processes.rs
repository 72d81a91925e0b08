//! What the processes of an environment carry, as its agent sees them.

use std::collections::BTreeMap;
use std::time::Duration;

use sternway_config::running::{How, Process};
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::project::Project;
use sternway_core::release::ServiceKind;
use sternway_host::client::{Agent, ClientError};
use sternway_host::protocol::{Altered, InstanceId, ProcessRef};

use crate::context::Context;

/// How long the agent may take for one of them.
const LOOK: Duration = Duration::from_secs(10);

/// The processes of the release that serves, by service.
#[derive(Debug, Default)]
pub(super) struct Processes {
    /// What is known of each.
    pub(super) found: BTreeMap<ServiceName, Process>,
    /// What may be known with the next look and is not now, and why: it was being started, or the agent did not answer. In the same
    /// words each time, whichever process it was.
    pub(super) unseen: Vec<String>,
}

/// Looks at every service of the environment that is to run.
pub(super) fn look(
    context: &Context,
    project: &Project,
    environment: &EnvironmentName,
    release: ReleaseNumber,
) -> Processes {
    let mut processes = Processes::default();
    let agent = Agent::connect_within(&context.agent_socket(), LOOK);
    for (service, _) in project.services.iter().filter(|(_, service)| service.spec.kind != ServiceKind::Job) {
        let id = InstanceId { environment: environment.clone(), service: service.clone(), release };
        let (process, passing) = if let Ok(agent) = &agent { one(agent, id) } else { unanswered() };
        if let Some(why) = passing {
            processes.unseen.push(format!("{service} in {environment}: {why}"));
        }
        processes.found.insert(service.clone(), process);
    }
    processes
}

/// What is known of one, and why it may be known another time.
fn one(agent: &Agent, id: InstanceId) -> (Process, Option<&'static str>) {
    match agent.environment(ProcessRef::Instance(id)) {
        Ok(carried) if carried.overwritten => {
            (Process::Untold("it wrote over its environment, or was started with another one".to_owned()), None)
        }
        Ok(carried) => {
            let told = carried.altered.into_iter().map(|(key, how)| (key, as_told(how)));
            (Process::Seen(told.collect()), None)
        }
        Err(error) if error.is_of_before() => (Process::Untold("the agent is of an earlier version".to_owned()), None),
        Err(ClientError::Failed(finding)) => {
            (Process::Untold(finding.message), Some("its process does not run, or cannot be looked at"))
        }
        Err(_) => unanswered(),
    }
}

fn unanswered() -> (Process, Option<&'static str>) {
    let why = "the agent does not answer";
    (Process::Untold(why.to_owned()), Some(why))
}

fn as_told(how: Altered) -> How {
    match how {
        Altered::Given => How::Given,
        Altered::Changed => How::Changed,
        Altered::Lost => How::Lost,
        Altered::Added => How::Added,
    }
}
