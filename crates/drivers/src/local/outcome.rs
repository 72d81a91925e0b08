//! How failures of agent and proxy become a step's result.

use sternway_core::event::StepResult;
use sternway_core::finding::Finding;
use sternway_host::client::ClientError;
use sternway_proxy::protocol::Refusal;

use crate::proxy::ProxyError;

/// Why an order was not carried out.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// By the agent.
    #[error("{}", in_full(.0))]
    Agent(#[from] ClientError),
    /// By the proxy.
    #[error("{}", in_full(.0))]
    Proxy(#[from] ProxyError),
    /// Found by the driver itself.
    #[error("{0}")]
    Found(Box<Finding>),
}

impl Failure {
    pub(super) fn found(finding: Finding) -> Self {
        Self::Found(Box::new(finding))
    }

    /// What is known to have failed is a failure; what may have been done is unknown.
    pub(super) fn into_result(self) -> StepResult {
        let why = self.to_string();
        let failed = |finding| StepResult::Failed { findings: vec![finding] };
        match self {
            Self::Agent(ClientError::Failed(finding)) | Self::Found(finding) => failed(*finding),
            // Says nothing about the release: another driver is at work, or the logbook is older than what the host remembers.
            Self::Agent(ClientError::StaleEpoch { .. })
            | Self::Proxy(ProxyError::Refused(Refusal::StaleEpoch { .. })) => {
                StepResult::Unknown { why: format!("the lease is not the newest: {why}") }
            }
            Self::Proxy(ProxyError::Refused(_)) => failed(
                Finding::error("S0601", "proxy", format!("the proxy refused: {why}"))
                    .hint("see what it serves with `sternway status`"),
            ),
            Self::Agent(_) | Self::Proxy(_) => StepResult::Unknown { why },
        }
    }
}

fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

pub(super) fn done(note: impl Into<String>) -> StepResult {
    StepResult::Done { note: note.into() }
}
