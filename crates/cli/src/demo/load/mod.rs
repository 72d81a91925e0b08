//! The steady load of the demo: users that sign up, log in, call both services, and log in again when they must.
//!
//! The load is open: requests are due by the clock, whether or not the last one has been answered in time; a user who was kept
//! waiting catches up. [`user`] is one of them, [`client`] its connection, [`jar`] its cookies; [`tally`] counts for all.

mod client;
mod jar;
mod tally;
#[cfg(test)]
mod tests;
mod user;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::watch;

pub(crate) use tally::{LoadResult, Snapshot};

use tally::Tally;

/// How much load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoadOptions {
    /// Users at the same time.
    pub(crate) users: u32,
    /// Requests a second, of all users together.
    pub(crate) per_second: u32,
    /// A request without an answer for so long has failed.
    pub(crate) patience: Duration,
}

impl Default for LoadOptions {
    fn default() -> Self {
        // Of so many a dozen meet a canary of 10%: the judge asks for errors of five different ones at least.
        Self { users: 120, per_second: 180, patience: Duration::from_secs(10) }
    }
}

/// A load to start.
pub(crate) struct Load;

/// A load that runs. Dropping it ends it, too.
pub(crate) struct LoadHandle {
    tally: Arc<Mutex<Tally>>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Load {
    /// Starts the load on `http://ADDRESS`, on a thread of its own.
    pub(crate) fn start(address: SocketAddr, options: LoadOptions) -> io::Result<LoadHandle> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut run = [0; 4];
        getrandom::fill(&mut run).map_err(|error| io::Error::other(error.to_string()))?;
        let run = u32::from_le_bytes(run);
        let tally = Arc::new(Mutex::new(Tally::default()));
        let (stop, stopped) = watch::channel(false);
        let counted = tally.clone();
        let thread = std::thread::Builder::new().name("load".to_owned()).spawn(move || {
            runtime.block_on(async {
                let mut users = tokio::task::JoinSet::new();
                let start = tokio::time::Instant::now();
                for number in 0..options.users {
                    let user = user::User::new(address, run, number, &options, counted.clone());
                    users.spawn(user.live(start, stopped.clone()));
                }
                users.join_all().await;
            });
        })?;
        Ok(LoadHandle { tally, stop, thread: Some(thread) })
    }
}

impl LoadHandle {
    /// What has been counted until now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).snapshot(Instant::now())
    }

    /// Lets the open requests end, sends no more, and gives the count.
    pub(crate) fn stop(mut self) -> LoadResult {
        self.end();
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).result()
    }

    fn end(&mut self) {
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for LoadHandle {
    fn drop(&mut self) {
        self.end();
    }
}
