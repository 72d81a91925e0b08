//! What the agent is told and what it answers, as one JSON line each over its unix socket (later the same lines over SSH).
//!
//! # Exchange
//!
//! A connection carries any number of exchanges, one at a time: a line with a [`Request`], a line with a [`Response`]. Requests of
//! several connections are carried out side by side. Only the agent's own user and root are answered. A line that is no request is
//! answered with a failure and the connection goes on.
//!
//! ```text
//! > {"start":{"lease":{"environment":"production","epoch":7},"release":{"number":12,"digest":"sha256:..."},"services":["web"]}}
//! < {"started":{"addresses":{"web":"127.0.0.1:24311"}}}
//! > "status"
//! < {"status":{"version":"0.1.0","protocol":1,"pid":812,...}}
//! ```
//!
//! # Who may change what
//!
//! Changing requests carry the environment and the epoch of its lease; the agent keeps the greatest epoch of each environment,
//! durably, and refuses a smaller one. [`Request::Keep`], [`Request::Replace`], [`Request::Drop`],
//! [`Request::Witness`], [`Request::Renew`] and [`Request::Quit`] belong to no environment and carry none.
//!
//! # Asking again
//!
//! All are idempotent by what they name, so that who does not know whether a request was carried out (the connection broke, the agent
//! was killed) sends it again: starting an instance that runs answers with its address, stopping one that does not is done,
//! staging what is staged is done, and a command's key has one result for ever.
//!
//! # What goes wrong
//!
//! [`Response::Failed`] carries a [`Finding`] whose message may have several lines (the service's last ones) and whose hint is what to
//! do next. No configuration value of four or more characters is in it. Values are in [`Response::Environment`], which is there for them, and
//! may be in [`Request::Prove`]; both go to and come from the same user only.
//!
//! | code | what |
//! |---|---|
//! | `S0301` | a service was not ready in time |
//! | `S0302` | a service ended before it was ready |
//! | `S0303` | its port is in use, or none is free |
//! | `S0304` | the release is not staged under this number, or has no such service |
//! | `S0305` | a service put itself into the background |
//! | `S0306` | processes that SIGKILL did not end |
//! | `S0307` | the disk is full |
//! | `S0308` | a job failed |
//! | `S0309` | the release is still running |
//! | `S0310` | stopped by another request while it was starting |
//! | `S0311` | another release runs under the same number |
//! | `S0312` | a kept part's name or command is not one |
//! | `S0313` | the state folder cannot be written |
//! | `S0314` | a shim did not start |
//! | `S0315` | the release is not in the store, or not as it was sealed |
//! | `S0316` | the request is not understood |
//! | `S0317` | the logbook is not the one that was shown before |
//! | `S0318` | something of the host cannot be read |
//! | `S0319` | a fault of the agent |
//! | `S0323` | what was asked to be proven could not be |
//! | `S0322` | a new process did not take over from the one that runs |

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sternway_core::digest::Digest;
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, Epoch, ReleaseNumber, ServiceName};
use sternway_core::release::{ReleaseRef, ServiceSpec};
use sternway_core::time::{Millis, Timestamp};

use crate::folder::Variables;

/// Version of this protocol; an agent answers requests of its own version and of all earlier ones.
pub const VERSION: u32 = 1;

/// Which instance: one for each environment, service and release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InstanceId {
    /// Its environment.
    pub environment: EnvironmentName,
    /// Its service.
    pub service: ServiceName,
    /// Its release.
    pub release: ReleaseNumber,
}

impl std::fmt::Display for InstanceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.r{}", self.environment, self.service, self.release)
    }
}

/// Under whose authority a changing request is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The environment.
    pub environment: EnvironmentName,
    /// Its epoch.
    pub epoch: Epoch,
}

/// What the agent is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Who are you, and what runs? Answered with [`Response::Status`].
    Status,
    /// Unpack a release from the store to its own folder: complete or not at all, verified against its digest.
    Stage {
        /// Lease.
        lease: Lease,
        /// Which.
        release: ReleaseRef,
    },
    /// Is this release in the store, complete and intact? Reads every object. Answered with [`Response::Verified`].
    Verify {
        /// Which.
        release: ReleaseRef,
    },
    /// Start services of a staged release and wait until all are ready, or stop those that were started and say why not. How each
    /// is run stands in the release itself. Answered with [`Response::Started`].
    Start {
        /// Lease.
        lease: Lease,
        /// Which release.
        release: ReleaseRef,
        /// Which services.
        services: Vec<ServiceName>,
    },
    /// Stop instances: SIGTERM, the service's grace, then SIGKILL to the whole process group and all descendants. Done when they
    /// are gone. An instance that never ran is no error.
    Stop {
        /// Lease.
        lease: Lease,
        /// Which release.
        release: ReleaseNumber,
        /// Which services; empty means all of that release in that environment.
        services: Vec<ServiceName>,
    },
    /// Run a command of a staged release to its end, once for each key: asked again, it answers with the recorded result, good or
    /// bad; asked while it runs, also across the agent's own restart, it waits. A command that took too long ends with code 124, one whose
    /// shim was killed with code 137 and says so in the last line. Answered with [`Response::Ran`].
    Run {
        /// Lease.
        lease: Lease,
        /// Which release.
        release: ReleaseRef,
        /// Which service's environment and folder.
        service: ServiceName,
        /// The shell command.
        command: String,
        /// The effect's key: (rollout, step, direction) in words, unique in its environment. The same key never runs twice.
        key: String,
        /// At most this long.
        within: Millis,
        /// Set for an undo: the key of the run that it undoes. When that never began there is nothing to undo, and the command is not
        /// run; the answer is then exit code 0, recorded.
        #[serde(default)]
        undoes: Option<String>,
    },
    /// The last lines of an instance's log.
    Tail {
        /// Which.
        instance: InstanceId,
        /// How many lines.
        lines: usize,
    },
    /// Remove staged releases, the logs of their instances, the results of their commands, and what only they use in the store. Refused as a whole when one of them
    /// has a running instance or command. What is not staged is no error and stays in the store.
    Remove {
        /// Lease.
        lease: Lease,
        /// Which.
        releases: Vec<ReleaseNumber>,
    },
    /// Keep one of Sternway's own long-running parts (a proxy, `serve`) running: behind a shim, restarted with backoff, surviving the
    /// agent. Idempotent by name; another command line replaces the process.
    Keep {
        /// Unique name, such as `proxy-production`.
        name: String,
        /// Program and arguments.
        command: Vec<String>,
    },
    /// Put a new process in the place of a kept part's, also when the command is the same: a new version of the program, for one. A part
    /// that can hand over does so: the new one is started beside it, behind a shim of its own, and when it has taken over the old one
    /// ends by itself. When it does not take over in time it is stopped and the old one stays.
    Replace {
        /// Its name. One that is not kept is kept from now on.
        name: String,
        /// Program and arguments of the new one.
        command: Vec<String>,
        /// For a part that can hand over: a socket on which whoever serves answers `"status"` with `{"status":{"pid":..}}`. Without
        /// it the old process is stopped first.
        #[serde(default)]
        answers: Option<PathBuf>,
    },
    /// Stop keeping it.
    Drop {
        /// Its name.
        name: String,
    },
    /// The head of the logbook as the sender knows it: the agent remembers the greatest, so that a truncated logbook shows.
    Witness {
        /// Sequence number of the last entry.
        seq: u64,
        /// Its hash.
        hash: String,
    },
    /// What this host has: kernel, architecture, free disk, memory.
    Inventory,
    /// What a process has in its environment. Answered with [`Response::Environment`].
    Environment {
        /// Which.
        of: ProcessRef,
    },
    /// Prove something by connecting from here, as a service would. What is asked is between who asks and the agent's prover, and may hold
    /// configuration values. Answered with [`Response::Proven`].
    Prove {
        /// What.
        question: Opaque,
        /// At most this long; the agent allows ten minutes.
        within: Millis,
    },
    /// Become another program, with the same process id: a new version of this one. Everything goes on.
    Renew {
        /// The program; started with the arguments of this one.
        program: PathBuf,
    },
    /// End the agent itself; instances go on. With `all`, stop every instance and kept part first.
    Quit {
        /// Whether everything is stopped first.
        all: bool,
    },
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// Done.
    Done,
    /// The agent's state.
    Status(Box<Status>),
    /// All instances are ready.
    Started {
        /// `host:port` of each service with a port.
        addresses: BTreeMap<ServiceName, String>,
    },
    /// A command ended.
    Ran {
        /// Its exit code; 128 + signal when killed.
        code: i32,
        /// The last lines of its output.
        tail: Vec<String>,
        /// True when this was the recorded result of an earlier run.
        recorded: bool,
    },
    /// The release is complete and intact.
    Verified {
        /// Bytes that were read.
        bytes: u64,
    },
    /// Log lines, oldest first.
    Lines(Vec<String>),
    /// What this host has.
    Inventory(Inventory),
    /// What a process has in its environment.
    Environment(Box<Carried>),
    /// What was proven and found.
    Proven {
        /// As the prover says it.
        answer: Opaque,
    },
    /// Refused or failed; nothing was left half done.
    Failed {
        /// Why, with place and hint. Never a secret.
        finding: Finding,
    },
    /// The lease epoch is older than one that was seen.
    StaleEpoch {
        /// The greatest epoch seen.
        seen: Epoch,
    },
}

/// A process whose environment can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcessRef {
    /// The service's own process of an instance.
    Instance(InstanceId),
    /// The one whose id stands in this file, in its first line.
    PidFile(PathBuf),
    /// The main process of this systemd unit.
    Unit(String),
}

/// The environment of a process that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// The process.
    pub pid: u32,
    /// What it carries: names and values. `Debug` shows the names.
    pub carries: Variables,
    /// Of an instance: what differs from what its release was sealed with, by key.
    #[serde(default)]
    pub altered: BTreeMap<String, Altered>,
    /// Set when it wrote over its environment, as programs do that show a title in their command line, or was started with another one: what it
    /// carries then tells nothing.
    #[serde(default)]
    pub overwritten: bool,
}

/// How a process's environment differs from what was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Altered {
    /// What it is given at each start is something else, or nothing: what the agent noted was altered.
    Given,
    /// It was given what was sealed and carries something else: by its command, or what that starts.
    Changed,
    /// It was given what was sealed and carries nothing of that name.
    Lost,
    /// It carries something that nobody sealed.
    Added,
}

/// What only who asks and who answers understand. It may hold configuration values, so `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Opaque(pub serde_json::Value);

impl std::fmt::Debug for Opaque {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// What an instance is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceState {
    /// Started, not ready yet.
    Starting,
    /// Ready.
    Ready,
    /// It ended by itself and is started again after a pause.
    BackingOff {
        /// How it ended.
        ended: String,
        /// When it is started again.
        until: Timestamp,
    },
    /// Being stopped.
    Stopping,
    /// A job that ended.
    Ended {
        /// How.
        ended: String,
    },
}

/// One supervised instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Which.
    pub id: InstanceId,
    /// The digest of its release.
    pub digest: Digest,
    /// What it is doing.
    pub state: InstanceState,
    /// `host:port`, for services with a port.
    pub address: Option<String>,
    /// Process id of the service.
    pub pid: Option<u32>,
    /// Process id of its shim.
    pub shim: Option<u32>,
    /// How often it was restarted after it ended by itself.
    pub restarts: u32,
    /// When it was last started.
    pub since: Timestamp,
    /// How it is run.
    pub spec: ServiceSpec,
}

/// One of Sternway's own kept parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Its process id while it runs.
    pub pid: Option<u32>,
    /// Process id of its shim.
    #[serde(default)]
    pub shim: Option<u32>,
    /// How often it was restarted.
    pub restarts: u32,
}

/// The agent's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// [`VERSION`].
    pub protocol: u32,
    /// Process id.
    pub pid: u32,
    /// When it started.
    pub since: Timestamp,
    /// Greatest epoch seen, by environment.
    pub epochs: BTreeMap<EnvironmentName, Epoch>,
    /// Instances.
    pub instances: Vec<Instance>,
    /// Kept parts.
    pub kept: Vec<Kept>,
    /// Releases that are staged.
    pub staged: Vec<ReleaseNumber>,
    /// The last head of the logbook that it was shown.
    pub witness: Option<(u64, String)>,
    /// Set when the state file was torn or foreign and the last good one (or none) was used.
    pub warning: Option<String>,
}

/// What a host has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// Host name.
    pub host: String,
    /// Kernel release.
    pub kernel: String,
    /// `x86_64`, `aarch64`.
    pub architecture: String,
    /// Free bytes where releases are staged.
    pub disk_free: u64,
    /// Free inodes there.
    pub inodes_free: u64,
    /// Available memory, bytes.
    pub memory_available: u64,
}
