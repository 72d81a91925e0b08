//! A client of the agent: one method for each request, one connection for each call.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sternway_core::finding::Finding;
use sternway_core::ids::{Epoch, ReleaseNumber, ServiceName};
use sternway_core::release::ReleaseRef;
use sternway_core::time::Millis;
use sternway_wire::{Client, WireError};

use crate::protocol::{Carried, InstanceId, Inventory, Lease, Opaque, ProcessRef, Request, Response, Status};

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The agent could not be asked, or it is not known whether it did what it was asked. Every request may be repeated.
    #[error("the agent cannot be asked")]
    Wire(#[from] WireError),
    /// The agent refused or failed; nothing was left half done.
    #[error("{0}")]
    Failed(Box<Finding>),
    /// Somebody else has the lease by now.
    #[error("another holder of the lease was here: epoch {seen} has been seen")]
    StaleEpoch {
        /// The greatest epoch seen.
        seen: Epoch,
    },
    /// An answer to another question: an agent of another version.
    #[error("the agent gave an answer that does not belong to the question")]
    Unexpected,
}

impl ClientError {
    /// Whether the agent did not understand the request: it is of an earlier version, before there was such a one.
    pub fn is_of_before(&self) -> bool {
        matches!(self, Self::Failed(finding) if finding.code == "S0316")
    }
}

/// The result of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code; 128 + signal when killed.
    pub code: i32,
    /// The last lines of its output.
    pub tail: Vec<String>,
    /// True when this was the recorded result of an earlier run.
    pub recorded: bool,
}

/// Quick requests are answered within this time.
const QUICK: Duration = Duration::from_secs(30);

/// No start, stop or staging takes longer than this.
const SLOW: Duration = Duration::from_hours(4);

/// An agent, by its socket. It may be restarted between two calls.
#[derive(Debug, Clone)]
pub struct Agent {
    socket: PathBuf,
    quick: Duration,
}

impl Agent {
    /// Makes sure that somebody listens.
    pub fn connect(socket: &Path) -> Result<Self, ClientError> {
        Self::connect_within(socket, QUICK)
    }

    /// The same for whoever cannot wait: what is answered at once must be answered within this time.
    pub fn connect_within(socket: &Path, quick: Duration) -> Result<Self, ClientError> {
        Client::connect(socket, quick)?;
        Ok(Self { socket: socket.to_owned(), quick })
    }

    /// Who are you, and what runs?
    pub fn status(&self) -> Result<Status, ClientError> {
        match self.ask(&Request::Status, self.quick)? {
            Response::Status(status) => Ok(*status),
            _ => Err(ClientError::Unexpected),
        }
    }

    /// See [`Request::Stage`].
    pub fn stage(&self, lease: Lease, release: ReleaseRef) -> Result<(), ClientError> {
        self.done(&Request::Stage { lease, release }, SLOW)
    }

    /// See [`Request::Verify`]. Answers with the number of bytes read.
    pub fn verify(&self, release: ReleaseRef) -> Result<u64, ClientError> {
        match self.ask(&Request::Verify { release }, SLOW)? {
            Response::Verified { bytes } => Ok(bytes),
            _ => Err(ClientError::Unexpected),
        }
    }

    /// See [`Request::Start`]. Answers with `host:port` of each service that has a port.
    pub fn start(
        &self,
        lease: Lease,
        release: ReleaseRef,
        services: Vec<ServiceName>,
    ) -> Result<BTreeMap<ServiceName, String>, ClientError> {
        match self.ask(&Request::Start { lease, release, services }, SLOW)? {
            Response::Started { addresses } => Ok(addresses),
            _ => Err(ClientError::Unexpected),
        }
    }

    /// See [`Request::Stop`].
    pub fn stop(&self, lease: Lease, release: ReleaseNumber, services: Vec<ServiceName>) -> Result<(), ClientError> {
        self.done(&Request::Stop { lease, release, services }, SLOW)
    }

    /// See [`Request::Run`].
    #[expect(clippy::too_many_arguments, reason = "the fields of the request")]
    pub fn run(
        &self,
        lease: Lease,
        release: ReleaseRef,
        service: ServiceName,
        command: String,
        key: String,
        within: Millis,
        undoes: Option<String>,
    ) -> Result<Ran, ClientError> {
        let limit = within.duration().saturating_add(SLOW);
        match self.ask(&Request::Run { lease, release, service, command, key, within, undoes }, limit)? {
            Response::Ran { code, tail, recorded } => Ok(Ran { code, tail, recorded }),
            _ => Err(ClientError::Unexpected),
        }
    }

    /// See [`Request::Tail`].
    pub fn tail(&self, instance: InstanceId, lines: usize) -> Result<Vec<String>, ClientError> {
        match self.ask(&Request::Tail { instance, lines }, self.quick)? {
            Response::Lines(lines) => Ok(lines),
            _ => Err(ClientError::Unexpected),
        }
    }

    /// See [`Request::Remove`].
    pub fn remove(&self, lease: Lease, releases: Vec<ReleaseNumber>) -> Result<(), ClientError> {
        self.done(&Request::Remove { lease, releases }, SLOW)
    }

    /// See [`Request::Keep`].
    pub fn keep(&self, name: &str, command: Vec<String>) -> Result<(), ClientError> {
        self.done(&Request::Keep { name: name.to_owned(), command }, SLOW)
    }

    /// See [`Request::Replace`].
    pub fn replace(&self, name: &str, command: Vec<String>, answers: Option<PathBuf>) -> Result<(), ClientError> {
        self.done(&Request::Replace { name: name.to_owned(), command, answers }, SLOW)
    }

    /// See [`Request::Renew`]. The agent answers first and becomes the program then: its status tells when.
    pub fn renew(&self, program: &Path) -> Result<(), ClientError> {
        self.done(&Request::Renew { program: program.to_owned() }, QUICK)
    }

    /// See [`Request::Drop`].
    pub fn drop_kept(&self, name: &str) -> Result<(), ClientError> {
        self.done(&Request::Drop { name: name.to_owned() }, SLOW)
    }

    /// See [`Request::Witness`].
    pub fn witness(&self, seq: u64, hash: &str) -> Result<(), ClientError> {
        self.done(&Request::Witness { seq, hash: hash.to_owned() }, self.quick)
    }

    /// See [`Request::Inventory`].
    pub fn inventory(&self) -> Result<Inventory, ClientError> {
        match self.ask(&Request::Inventory, self.quick)? {
            Response::Inventory(inventory) => Ok(inventory),
            _ => Err(ClientError::Unexpected),
        }
    }

    /// See [`Request::Environment`].
    pub fn environment(&self, of: ProcessRef) -> Result<Carried, ClientError> {
        match self.ask(&Request::Environment { of }, self.quick)? {
            Response::Environment(carried) => Ok(*carried),
            _ => Err(ClientError::Unexpected),
        }
    }

    /// See [`Request::Prove`].
    pub fn prove(&self, question: serde_json::Value, within: Millis) -> Result<serde_json::Value, ClientError> {
        let limit = within.duration().saturating_add(QUICK);
        match self.ask(&Request::Prove { question: Opaque(question), within }, limit)? {
            Response::Proven { answer } => Ok(answer.0),
            _ => Err(ClientError::Unexpected),
        }
    }

    /// See [`Request::Quit`].
    pub fn quit(&self, all: bool) -> Result<(), ClientError> {
        self.done(&Request::Quit { all }, SLOW)
    }

    fn done(&self, request: &Request, limit: Duration) -> Result<(), ClientError> {
        match self.ask(request, limit)? {
            Response::Done => Ok(()),
            _ => Err(ClientError::Unexpected),
        }
    }

    fn ask(&self, request: &Request, limit: Duration) -> Result<Response, ClientError> {
        match Client::connect(&self.socket, limit)?.ask(request)? {
            Response::Failed { finding } => Err(ClientError::Failed(Box::new(finding))),
            Response::StaleEpoch { seen } => Err(ClientError::StaleEpoch { seen }),
            answer => Ok(answer),
        }
    }
}
