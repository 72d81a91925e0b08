//! The folder that an agent and a shim share: `spec.json` says what must run, `status.json` what does, `stop` that it must end, `leaving`
//! that it is to end by itself because another one takes its place.
//!
//! It is the only truth about an instance, a kept part or a command under way, so that an agent finds all of them again after its
//! own death. `spec.json` holds configuration values and is mode 0600 in a folder of mode 0700; it is there exactly as long as
//! the thing must run (or, for a command, until its result is recorded). The log stays.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use sternway_core::digest::Digest;
use sternway_core::ids::EnvironmentName;
use sternway_core::release::{ReleaseRef, ServiceSpec};
use sternway_core::time::{Millis, Timestamp};

use crate::backoff::Backoff;
use crate::durable;
use crate::log::LogLimits;
use crate::process::Process;
use crate::protocol::InstanceId;

/// Format of `spec.json` and `status.json`; now 1.
pub const FORMAT: u32 = 1;

/// Environment variables of a process. Their values are secrets: `Debug` shows the names alone.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Variables(pub BTreeMap<String, String>);

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What a folder is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// An instance of a service.
    Instance {
        /// Which.
        id: InstanceId,
        /// The digest of its release.
        digest: Digest,
        /// How the release says that it is run.
        service: Box<ServiceSpec>,
        /// `host:port`, for services with a port.
        address: Option<String>,
    },
    /// One of Sternway's own parts.
    Kept {
        /// Its name.
        name: String,
    },
    /// A command that runs once.
    Run {
        /// Its environment.
        environment: EnvironmentName,
        /// The effect's key.
        key: String,
        /// The release in whose folder it runs.
        release: ReleaseRef,
    },
}

/// What a shim must run. Written by the agent, read by the shim when it starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShimSpec {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of Sternway that wrote it.
    pub written_by: String,
    /// What it is about.
    pub subject: Subject,
    /// Program and arguments.
    pub command: Vec<String>,
    /// The folder in which it runs.
    pub cwd: PathBuf,
    /// All of its environment.
    pub variables: Variables,
    /// From SIGTERM to SIGKILL.
    pub grace: Millis,
    /// How pauses between restarts grow; `None` for what runs once.
    pub restart: Option<Backoff>,
    /// It is stopped when it has not ended by itself within this time.
    pub within: Option<Millis>,
    /// How much log is kept.
    pub log: LogLimits,
}

/// What the thing behind a shim is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It runs.
    Running,
    /// It ended by itself and is started again at this time.
    BackingOff {
        /// When.
        until: Timestamp,
    },
    /// It was told to end.
    Stopping,
    /// It ended and will not be started again; the shim is about to end or has ended.
    Ended,
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Exit code; 128 + signal when killed, 127 when it could not be started, 124 when it took too long.
    pub code: i32,
    /// In words: `exit status 3`, `killed by signal 9`.
    pub words: String,
    /// How many of its descendants were still alive.
    pub survivors: u32,
    /// When.
    pub at: Timestamp,
}

/// What a shim says about itself. Replaced as a whole at each change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShimStatus {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of Sternway that wrote it.
    pub written_by: String,
    /// The shim itself.
    pub shim: Process,
    /// The main process while it runs.
    pub child: Option<Process>,
    /// What it is doing.
    pub phase: Phase,
    /// How often it was started again after it had ended by itself.
    pub restarts: u32,
    /// When it was last started.
    pub since: Timestamp,
    /// How it ended last, if it ever did.
    pub last_exit: Option<Exit>,
}

/// A folder of an agent and a shim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at this path, which need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn spec_path(&self) -> PathBuf {
        self.0.join("spec.json")
    }

    fn status_path(&self) -> PathBuf {
        self.0.join("status.json")
    }

    fn stop_path(&self) -> PathBuf {
        self.0.join("stop")
    }

    fn leaving_path(&self) -> PathBuf {
        self.0.join("leaving")
    }

    /// Where a shim's own last error is found when it could not start.
    pub(crate) fn complaint_path(&self) -> PathBuf {
        self.0.join("shim.err")
    }

    /// What must run here; `None` when nothing must.
    pub fn spec(&self) -> io::Result<Option<ShimSpec>> {
        durable::read_json(&self.spec_path())
    }

    /// Says what must run here, durably.
    pub(crate) fn write_spec(&self, spec: &ShimSpec) -> io::Result<()> {
        durable::make_folder(&self.0)?;
        durable::remove(&self.stop_path())?;
        durable::remove(&self.leaving_path())?;
        durable::remove(&self.status_path())?;
        durable::write(&self.spec_path(), &durable::json(spec)?)
    }

    /// What the shim last said; `None` when it never did, or said it in words of another time.
    pub fn status(&self) -> Option<ShimStatus> {
        durable::read_json(&self.status_path()).ok().flatten()
    }

    /// Replaces the status. The end of a command is durable, all else is worthless after a reboot.
    pub(crate) fn write_status(&self, status: &ShimStatus) -> io::Result<()> {
        let text = durable::json(status)?;
        match status.phase {
            Phase::Ended => durable::write(&self.status_path(), &text),
            _ => durable::write_volatile(&self.status_path(), &text),
        }
    }

    /// Whether it must end.
    pub(crate) fn must_stop(&self) -> bool {
        self.stop_path().exists()
    }

    /// Says that it must end, durably: whoever comes next finishes it.
    pub(crate) fn mark_stop(&self) -> io::Result<()> {
        durable::write(&self.stop_path(), b"")
    }

    /// Whether another one takes its place: what runs here ends by itself and is then not started again.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving_path().exists()
    }

    /// Says that another one takes its place, or that it does not after all.
    pub(crate) fn set_leaving(&self, leaving: bool) -> io::Result<()> {
        if leaving { durable::write(&self.leaving_path(), b"") } else { durable::remove(&self.leaving_path()) }
    }

    /// Nothing runs here any more. The log stays.
    pub(crate) fn clear(&self) -> io::Result<()> {
        durable::remove(&self.spec_path())?;
        durable::remove(&self.status_path())?;
        durable::remove(&self.leaving_path())?;
        durable::remove(&self.stop_path())
    }

    /// The lock that one shim at a time holds; `None` when another has it. The kernel releases it when the shim dies.
    pub(crate) fn lock(&self) -> io::Result<Option<File>> {
        lock_file(&self.0.join("shim.lock"))
    }
}

/// Takes the lock on a file, made when it is not there; `None` when another process has it.
pub(crate) fn lock_file(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).mode(0o600).open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_never_show_in_debug_output() {
        let variables = Variables(BTreeMap::from([("DSN".to_owned(), "hunter2".to_owned())]));
        assert_eq!(format!("{variables:?}"), r#"{"DSN"}"#);
    }
}
