//! The process: workers, housekeeping, start and end.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::admin;
use crate::client::{self, SECOND, TICK};
use crate::control::Control;
use crate::health;
use crate::listen::{Accepted, Workers};
use crate::live::Shared;
use crate::metrics;

/// How a proxy is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder for its state file.
    pub state: PathBuf,
    /// The admin socket.
    pub socket: PathBuf,
    /// The environment that it serves.
    pub environment: String,
    /// Where `GET /metrics` is answered, if anywhere.
    pub metrics: Option<SocketAddr>,
}

/// Settings that are right for nearly everybody.
#[derive(Debug, Clone, Copy)]
pub struct Tuning {
    /// How long a service may take to begin its response; then the client gets 504. While a request's body goes up the time starts
    /// anew with each part.
    pub response: Duration,
    /// How many workers share the connections; 0 for one on each core.
    pub workers: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { response: Duration::from_mins(1), workers: 0 }
    }
}

/// Why a proxy did not start.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The state folder cannot be made or opened.
    #[error("cannot use the state folder {path}")]
    State {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another proxy runs with this state folder.
    #[error("another proxy runs with the state folder {path}")]
    Running {
        /// The folder.
        path: PathBuf,
    },
    /// The admin socket cannot be opened.
    #[error("cannot open the admin socket {path}")]
    Socket {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The address for metrics cannot be listened on.
    #[error("cannot serve metrics on {address}")]
    Metrics {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Threads or signal handlers could not be set up.
    #[error("cannot start")]
    Start(#[source] io::Error),
}

/// Runs a proxy until SIGTERM or SIGINT; then open requests may end within the drain time, and it returns.
pub fn run(options: Options) -> Result<(), ProxyError> {
    run_with(options, Tuning::default())
}

/// [`run`] with other settings than usual.
pub fn run_with(options: Options, tuning: Tuning) -> Result<(), ProxyError> {
    let _lock = own(&options.state)?;
    raise_file_limit();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let count = if tuning.workers == 0 { cores } else { tuning.workers };
    let shared = Arc::new(Shared::new(options.environment.clone(), count, tuning));
    let (senders, threads) = start_workers(&shared).map_err(ProxyError::Start)?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(ProxyError::Start)?;
    let ended = runtime.block_on(serve(&options, &shared, senders));
    runtime.shutdown_timeout(Duration::from_secs(1));
    // The workers end when nobody can send them connections any more.
    for thread in threads {
        let _ = thread.join();
    }
    ended
}

/// Makes the state folder this process's own, until it ends in whatever way.
fn own(folder: &Path) -> Result<File, ProxyError> {
    let state = |source| ProxyError::State { path: folder.to_owned(), source };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(state)?;
    let lock = File::create(folder.join("lock")).map_err(state)?;
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(lock),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(ProxyError::Running { path: folder.to_owned() }),
        Err(error) => Err(state(error.into())),
    }
}

/// A proxy needs two descriptors a request: as many as the system allows.
fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
}

fn start_workers(shared: &Arc<Shared>) -> io::Result<(Workers, Vec<JoinHandle<()>>)> {
    let mut senders = Vec::new();
    let mut threads = Vec::new();
    for worker in 0..shared.workers {
        let (sender, receiver) = unbounded_channel();
        let shared = Arc::clone(shared);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let work = move || runtime.block_on(work(shared, worker, receiver));
        threads.push(std::thread::Builder::new().name(format!("worker-{worker}")).spawn(work)?);
        senders.push(sender);
    }
    Ok((senders.into(), threads))
}

async fn work(shared: Arc<Shared>, worker: usize, mut accepted: UnboundedReceiver<Accepted>) {
    while let Some((stream, peer)) = accepted.recv().await {
        client::serve(&shared, worker, stream, peer);
    }
}

/// Says something where a supervisor reads it. Nobody may read; that is no reason to stop serving.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "sternway proxy: {line}");
}

async fn serve(options: &Options, shared: &Arc<Shared>, workers: Workers) -> Result<(), ProxyError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ProxyError::Start)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ProxyError::Start)?;
    let control = Arc::new(Control::restore(Arc::clone(shared), options.state.clone(), workers).await);
    control.complaints().await.iter().for_each(|complaint| say(complaint));
    if let Some(address) = options.metrics {
        let metrics = |source| ProxyError::Metrics { address, source };
        let listener = tokio::net::TcpListener::bind(address).await.map_err(metrics)?;
        tokio::spawn(metrics::serve(listener, Arc::clone(shared)));
    }
    health::check(shared).await;
    let socket = |source| ProxyError::Socket { path: options.socket.clone(), source };
    let listener = admin::bind(&options.socket).map_err(socket)?;
    tokio::spawn(admin::serve(listener, Arc::clone(&control)));
    tokio::spawn(keep_house(Arc::clone(&control)));
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    end(&control).await;
    let _ = fs::remove_file(&options.socket);
    Ok(())
}

/// What has to be done again and again.
async fn keep_house(control: Arc<Control>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for count in 1u64.. {
        ticks.tick().await;
        control.shared.clients.tick();
        control.look();
        control.tend().await;
        if count.is_multiple_of(SECOND) {
            let shared = Arc::clone(&control.shared);
            shared.sweep();
            tokio::spawn(async move { health::check(&shared).await });
        }
        if count.is_multiple_of(5 * SECOND) {
            control.save_records().await;
        }
    }
}

/// Ends without cutting anybody off, within the drain time.
async fn end(control: &Control) {
    let shared = &control.shared;
    let limit = shared.live().table.as_ref().map_or(Duration::ZERO, |table| table.drain.duration());
    control.stop_listening().await;
    shared.stopping.store(true, Ordering::Relaxed);
    control.end_hold();
    control.look();
    control.save_records().await;
    let start = Instant::now();
    while start.elapsed() < limit && shared.targets().iter().any(|targets| targets.open() > 0) {
        sleep(Duration::from_millis(5)).await;
    }
    shared.clients.close_idle();
}
