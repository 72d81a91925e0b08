//! The handle.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use sternway_core::ids::EnvironmentName;
use sternway_core::time::Timestamp;

use crate::append::{Append, AppendError, Guard};
use crate::connection::{Readers, connect};
use crate::error::LogbookError;
use crate::lease::{self, AcquireError, Acquired, LeaseStatus, LeaseToken, RenewError};
use crate::record::{Draft, Record};
use crate::reserve::Reserve;
use crate::schema;
use crate::wait::Bell;
use crate::writer::{GROUP, Job, Request, Writer};

/// For how long opening waits for another process that is creating the same logbook.
const OPEN_LIMIT: Duration = Duration::from_secs(30);

/// An open logbook. Clones share it; the last one to go closes it. All methods block.
#[derive(Debug, Clone)]
pub struct Logbook {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    path: PathBuf,
    jobs: Mutex<Option<SyncSender<Box<dyn Job>>>>,
    writer: Option<JoinHandle<()>>,
    pub(crate) reserve: Reserve,
    pub(crate) readers: Readers,
    pub(crate) bell: Arc<Bell>,
}

impl Logbook {
    /// Opens the logbook, or creates it (mode 0600) in a folder that exists. Any number of processes may have it open.
    ///
    /// # Errors
    /// [`LogbookError::NotALogbook`] and [`LogbookError::NewerSchema`] leave the file as it is.
    pub fn open(path: &Path) -> Result<Self, LogbookError> {
        schema::create_file(path)?;
        Self::open_existing(path)
    }

    /// Opens the logbook, or fails with [`LogbookError::NotFound`].
    pub fn open_existing(path: &Path) -> Result<Self, LogbookError> {
        schema::require_file(path)?;
        let reserve = Reserve::beside(path);
        let connection = match prepared(path) {
            Err(LogbookError::Full(_)) if reserve.give_up() => prepared(path)?,
            other => other?,
        };
        reserve.keep();
        let bell = Arc::new(Bell::default());
        let (jobs, receiver) = sync_channel(GROUP);
        let writer = Writer { connection, reserve: reserve.clone(), bell: Arc::clone(&bell) };
        let writer = thread::Builder::new()
            .name("logbook".into())
            .spawn(move || writer.run(receiver))
            .map_err(|source| LogbookError::Io { what: "start the writer of", path: path.to_owned(), source })?;
        let readers = Readers::new(path.to_owned());
        let jobs = Mutex::new(Some(jobs));
        let shared = Shared { path: path.to_owned(), jobs, writer: Some(writer), reserve, readers, bell };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The logbook's file.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Appends the entries, all or none, one after the other without others between them. They are durable when this returns.
    pub fn append(&self, drafts: Vec<Draft>, guard: Guard) -> Result<Vec<Record>, AppendError> {
        let (reply, answer) = sync_channel(1);
        self.send(Box::new(Append { drafts, guard, places: Ok(Vec::new()), reply }))?;
        answer.recv().map_err(|_| LogbookError::Stopped)?
    }

    /// Takes the lease on an environment: when it was never taken, was released, has run out, or is `holder`'s own. Of several who
    /// try at once exactly one gets it. `holder` names one process of one boot (`serve@host:boot:pid`).
    pub fn acquire(
        &self,
        environment: &EnvironmentName,
        holder: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Acquired, AcquireError> {
        let (environment, holder) = (environment.clone(), holder.to_owned());
        Ok(self.request(move |connection| lease::acquire(connection, &environment, &holder, ttl, now))??)
    }

    /// Makes the lease run out only `ttl` after `now`. Works even after it has run out, as long as nobody took it.
    pub fn renew(&self, token: &LeaseToken, ttl: Duration, now: Timestamp) -> Result<Timestamp, RenewError> {
        let token = token.clone();
        Ok(self.request(move |connection| lease::renew(connection, &token, ttl, now))??)
    }

    /// Gives the lease back. `false` when it was lost before: then nothing changes.
    pub fn release(&self, token: &LeaseToken) -> Result<bool, LogbookError> {
        let token = token.clone();
        self.request(move |connection| lease::release(connection, &token))
    }

    /// How the lease on an environment stands; `None` when it was never taken.
    pub fn lease(&self, environment: &EnvironmentName) -> Result<Option<LeaseStatus>, LogbookError> {
        let reader = self.shared.readers.take()?;
        lease::status(&reader, environment)
    }

    /// Whether the room kept for a rollback had to be given up, by whatever process, and the disk still has too little to keep it again.
    /// While this is `true` nothing new should be started: what can be appended may not last.
    pub fn reserve_spent(&self) -> bool {
        if self.shared.reserve.is_spent() {
            self.shared.reserve.keep();
        }
        self.shared.reserve.is_spent()
    }

    fn request<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, LogbookError> + Send + 'static,
    ) -> Result<T, LogbookError> {
        let (reply, answer) = sync_channel(1);
        self.send(Box::new(Request { work, outcome: None, reply }))?;
        answer.recv().map_err(|_| LogbookError::Stopped)?
    }

    fn send(&self, job: Box<dyn Job>) -> Result<(), LogbookError> {
        let jobs = self.shared.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        jobs.ok_or(LogbookError::Stopped)?.send(job).map_err(|_| LogbookError::Stopped)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Without senders the writer ends; what it was given before is committed.
        self.jobs.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = self.writer.take() {
            let _panicked = writer.join();
        }
    }
}

fn prepared(path: &Path) -> Result<Connection, LogbookError> {
    let since = Instant::now();
    loop {
        let mut connection = connect(path)?;
        match schema::prepare(&mut connection, path) {
            // The change to WAL needs the file alone and does not wait for it as other locks do.
            Err(LogbookError::Busy) if since.elapsed() < OPEN_LIMIT => thread::sleep(Duration::from_millis(2)),
            other => return other.map(|()| connection),
        }
    }
}
