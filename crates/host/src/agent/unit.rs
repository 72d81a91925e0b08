//! One thing that must run on this host: an instance, a kept part or a command, with its folder and its shim.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sternway_core::finding::Finding;

use super::watch::end_strays;
use super::{Agent, finding, held};
use crate::folder::{Folder, ShimSpec, ShimStatus, Subject};
use crate::process::{MARKER, NOBODYS, Process};
use crate::protocol::InstanceId;

/// The name of a unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Kept(String),
    /// By the digest of environment and key.
    Run(String),
    Instance(InstanceId),
}

impl Key {
    pub(super) fn folder(&self, state: &Path) -> Folder {
        Folder::new(match self {
            Self::Instance(id) => state.join("instances").join(id.to_string()),
            Self::Kept(name) => state.join("kept").join(name),
            Self::Run(slug) => state.join("runs").join(slug),
        })
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Instance(id) => write!(f, "instance {id}"),
            Self::Kept(name) => write!(f, "kept part {name}"),
            Self::Run(slug) => write!(f, "command {slug}"),
        }
    }
}

/// One unit. It stays in the agent's memory when it has stopped; what it must do stands in its folder alone.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) key: Key,
    pub(super) folder: Folder,
    /// Held while the folder's `spec.json` or `stop` changes and while a shim is started.
    pub(super) change: Mutex<()>,
    /// Held while it is being ended, so that whoever starts it again finds it ended and nobody at its end any more.
    pub(super) ending: Mutex<()>,
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Seen {
    /// Grows with each start and each end, so that whoever waits for one sees that it is another's turn.
    generation: u64,
    /// The process that was seen ready.
    ready: Option<Process>,
    /// What the last look saw instead.
    look: String,
}

impl Unit {
    pub(super) fn new(key: Key, folder: Folder) -> Self {
        Self {
            key,
            folder,
            change: Mutex::default(),
            ending: Mutex::default(),
            seen: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        held(&self.seen)
    }

    pub(super) fn generation(&self) -> u64 {
        self.seen().generation
    }

    pub(super) fn next_generation(&self) -> u64 {
        let mut seen = self.seen();
        *seen = Seen { generation: seen.generation + 1, ..Seen::default() };
        self.changed.notify_all();
        seen.generation
    }

    pub(super) fn is_ready(&self, status: &ShimStatus) -> bool {
        status.child.is_some() && self.seen().ready == status.child
    }

    pub(super) fn saw_ready(&self, child: Process) {
        self.seen().ready = Some(child);
        self.changed.notify_all();
    }

    pub(super) fn saw(&self, look: String) {
        self.seen().look = look;
    }

    pub(super) fn last_look(&self) -> String {
        self.seen().look.clone()
    }

    pub(super) fn notify(&self) {
        self.changed.notify_all();
    }

    /// Waits until something changed, at most this long.
    pub(super) fn wait(&self, at_most: Duration) {
        let _seen = self.changed.wait_timeout(self.seen(), at_most).unwrap_or_else(PoisonError::into_inner);
    }
}

/// What [`Agent::launch`] found or did.
pub(super) enum Launched {
    /// It was started.
    New { generation: u64, spec: Box<ShimSpec> },
    /// It was there.
    There { generation: u64, spec: Box<ShimSpec> },
    /// Nothing runs, and there is nothing to start.
    Nothing,
}

/// A shim that has said nothing for this long is not coming.
const SHIM_LIMIT: Duration = Duration::from_secs(15);

impl Agent {
    /// The unit of this name, whether it runs or not.
    pub(super) fn unit(&self, key: &Key) -> Arc<Unit> {
        let mut units = held(&self.units);
        let make = || Arc::new(Unit::new(key.clone(), key.folder(&self.options.state)));
        Arc::clone(units.entry(key.clone()).or_insert_with(make))
    }

    /// All units that must run.
    pub(super) fn running_units(&self) -> Vec<(Arc<Unit>, ShimSpec)> {
        let units: Vec<_> = held(&self.units).values().map(Arc::clone).collect();
        units
            .into_iter()
            .filter_map(|unit| {
                let spec = unit.folder.spec().ok().flatten()?;
                Some((unit, spec))
            })
            .collect()
    }

    /// Starts a unit unless it is there. One that is being stopped is waited for and started again. `make` is asked when nothing
    /// runs, with the unit held, and may say that nothing is to be started.
    pub(super) fn launch(
        self: &Arc<Self>,
        unit: &Arc<Unit>,
        make: impl FnOnce() -> Result<Option<ShimSpec>, Box<Finding>>,
    ) -> Result<Launched, Box<Finding>> {
        let what = unit.key.to_string();
        loop {
            let changing = held(&unit.change);
            match unit.folder.spec().map_err(|error| finding::not_known(&what, &error))? {
                Some(_) if unit.folder.must_stop() => {
                    drop(changing);
                    self.end(unit)?;
                }
                Some(spec) => return Ok(Launched::There { generation: unit.generation(), spec: Box::new(spec) }),
                None => {
                    let Some(spec) = make()? else { return Ok(Launched::Nothing) };
                    self.room
                        .or_give_up(|| unit.folder.write_spec(&spec))
                        .map_err(|error| finding::cannot_write(&what, &error))?;
                    let generation = unit.next_generation();
                    if let Err(error) = self.start_shim(&unit.folder) {
                        end_strays(&unit.folder, None, spec.grace.duration());
                        let _kept_for_the_next = unit.folder.clear();
                        return Err(finding::no_shim(&what, &error));
                    }
                    self.watch(unit, generation);
                    return Ok(Launched::New { generation, spec: Box::new(spec) });
                }
            }
        }
    }

    /// Starts a shim and waits until it has said what it does.
    pub(super) fn start_shim(&self, folder: &Folder) -> io::Result<()> {
        let complaint = folder.complaint_path();
        let stderr = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&complaint)?;
        let mut shim = Command::new(&self.options.program)
            .arg("shim")
            .arg("--dir")
            .arg(folder.path())
            .env_clear()
            .env(MARKER, NOBODYS)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()?;
        let pid = shim.id();
        let (ended, end) = channel();
        thread::Builder::new().name("reaper".to_owned()).spawn(move || {
            let status = shim.wait();
            // Nobody listens when it outlived its start, as it should.
            let _unheard = ended.send(status);
        })?;
        let deadline = Instant::now() + SHIM_LIMIT;
        loop {
            let end = end.recv_timeout(Duration::from_millis(2));
            // Another shim may have been faster: an agent's that died meanwhile.
            if folder.status().is_some_and(|status| status.shim.pid == pid || status.shim.alive()) {
                return Ok(());
            }
            match end {
                Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => {}
                Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::TimedOut.into()),
                _ => return Err(io::Error::other(complaint_of(&complaint))),
            }
        }
    }
}

fn complaint_of(path: &Path) -> String {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(2000).read_to_string(&mut text));
    match read {
        Ok(1..) => text.trim().to_owned(),
        _ => "it ended without a word".to_owned(),
    }
}

/// What a unit is, in words for a person.
pub(super) fn name(subject: &Subject) -> String {
    match subject {
        Subject::Instance { id, .. } => format!("`{}` of release {} in {}", id.service, id.release, id.environment),
        Subject::Kept { name } => format!("`{name}`"),
        Subject::Run { key, .. } => format!("command `{key}`"),
    }
}
