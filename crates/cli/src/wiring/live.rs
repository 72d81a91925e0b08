//! The live proof of an environment: by the agent on the services' host where one runs, else by this process, which is then said.

use std::fmt;
use std::time::Duration;

use sternway_config::landscape::{Landscape, Report};
use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;
use sternway_core::project::Project;
use sternway_core::time::Millis;
use sternway_host::client::{Agent, ClientError};
use sternway_live::{FORMAT, Limits, Outcome, Question, prove};

use crate::context::Context;

/// How long the agent may take to be reached.
const REACH: Duration = Duration::from_secs(5);

/// Where it was proven from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Prover {
    /// The agent on the services' host.
    Agent,
    /// This process, and why not the agent.
    Command(String),
}

impl Prover {
    /// In one word, for programs.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Command(_) => "command",
        }
    }
}

impl fmt::Display for Prover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent => f.write_str("the agent on this host"),
            Self::Command(why) => write!(f, "this process ({why})"),
        }
    }
}

/// Connects as each service of the environment is configured to. `found` is what reading the configuration said: a proof that two
/// names are of one server answers it.
pub(crate) fn report(
    context: &Context,
    project: &Project,
    landscape: &Landscape,
    about: &EnvironmentName,
    found: &mut Vec<Finding>,
) -> (Report, Prover) {
    let question = Question::of(landscape, &project.agreements, about, &Limits::default());
    let (outcome, prover) = match by_agent(context, &question) {
        Ok(outcome) => (outcome, Prover::Agent),
        Err(why) => (prove(&question), Prover::Command(why)),
    };
    for (one, other) in &outcome.same {
        let about_both = |finding: &Finding| finding.places.contains(one) && finding.places.contains(other);
        found.retain(|finding| !(matches!(finding.code.as_str(), "S0220" | "S0222" | "S0224") && about_both(finding)));
    }
    (outcome.report(), prover)
}

/// What the agent proves; or why it does not.
fn by_agent(context: &Context, question: &Question) -> Result<Outcome, String> {
    let not_understood = |_| "the agent's answer is not understood".to_owned();
    let agent = Agent::connect_within(&context.agent_socket(), REACH).map_err(|_| "no agent runs here".to_owned())?;
    let asked = serde_json::to_value(question).map_err(not_understood)?;
    let within = Millis(u64::try_from(question.patience().as_millis()).unwrap_or(u64::MAX));
    let answer = agent.prove(asked, within).map_err(|error| match error {
        error if error.is_of_before() => "the agent is of an earlier version: sternway upgrade".to_owned(),
        ClientError::Failed(finding) => format!("the agent proved nothing: {}", finding.code),
        _ => "the agent ended meanwhile".to_owned(),
    })?;
    let outcome: Outcome = serde_json::from_value(answer).map_err(not_understood)?;
    if outcome.format == FORMAT {
        Ok(outcome)
    } else {
        Err("the agent is of another version: sternway upgrade".to_owned())
    }
}
