//! The process: workers, housekeeping, start and end.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
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
use crate::control::{Control, Place};
use crate::give;
use crate::handover::Order;
use crate::health;
use crate::listen::{Accepted, Listener, Workers};
use crate::live::Shared;
use crate::protocol::Refusal;
use crate::take::{self, Asked, Taken};

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
    /// Another proxy runs with this state folder and does not hand over. It goes on.
    #[error("the proxy that runs at {socket} does not hand over")]
    HandOver {
        /// Its admin socket.
        socket: PathBuf,
        /// Why.
        source: Refusal,
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

/// Runs a proxy until SIGTERM or SIGINT; then open requests may end within the drain time, and it returns. When another proxy runs with
/// the same state folder and admin socket, this one takes over from it, and the other one returns when its last request has ended.
pub fn run(options: Options) -> Result<(), ProxyError> {
    run_with(options, Tuning::default())
}

/// [`run`] with other settings than usual.
pub fn run_with(options: Options, tuning: Tuning) -> Result<(), ProxyError> {
    let start = begin(&options)?;
    raise_file_limit();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let count = if tuning.workers == 0 { cores } else { tuning.workers };
    let shared = Arc::new(Shared::new(options.environment.clone(), count, tuning, start.boot()));
    let (senders, threads) = start_workers(&shared).map_err(ProxyError::Start)?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(ProxyError::Start)?;
    let ended = runtime.block_on(serve(&options, &shared, senders, start));
    runtime.shutdown_timeout(Duration::from_secs(1));
    // The workers end when nobody can send them connections any more.
    for thread in threads {
        let _ = thread.join();
    }
    ended
}

/// How a proxy starts.
enum Start {
    /// Nobody serves. With the state folder's lock.
    Fresh(File),
    /// Somebody hands over.
    Taken(Box<Taken>),
}

impl Start {
    fn boot(&self) -> u64 {
        match self {
            Self::Fresh(_) => crate::canary::random(),
            Self::Taken(taken) => taken.offer.boot,
        }
    }
}

fn begin(options: &Options) -> Result<Start, ProxyError> {
    /// The one that runs may end just now.
    const TRIES: u32 = 20;
    for _ in 0..TRIES {
        match own(&options.state) {
            Err(ProxyError::Running { .. }) => {}
            owned => return owned.map(Start::Fresh),
        }
        match take::ask(&options.socket, &options.environment) {
            Ok(Asked::Taken(taken)) => return Ok(Start::Taken(taken)),
            Ok(Asked::Nobody) => break,
            Ok(Asked::Died) => std::thread::sleep(Duration::from_millis(10)),
            Err(source) => return Err(ProxyError::HandOver { socket: options.socket.clone(), source }),
        }
    }
    Err(ProxyError::Running { path: options.state.clone() })
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
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "sternway proxy: {line}");
}

async fn serve(options: &Options, shared: &Arc<Shared>, workers: Workers, start: Start) -> Result<(), ProxyError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ProxyError::Start)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ProxyError::Start)?;
    let control = match start {
        Start::Fresh(lock) => fresh(options, shared, workers, lock).await?,
        Start::Taken(taken) => inherit(options, shared, workers, *taken).await?,
    };
    tokio::spawn(keep_house(Arc::clone(&control)));
    let mut left = control.left.subscribe();
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = left.wait_for(|left| *left) => {}
        }
        say("another process has taken over; this one ends when its last request has ended");
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            over = give::leave(&control) => if over {
                return Ok(());
            }
        }
        say("the process that had taken over has died; this one serves again");
    }
    end(&control).await;
    if !control.has_left() {
        let _ = fs::remove_file(&options.socket);
    }
    Ok(())
}

fn place(options: &Options, lock: File, metrics: Option<TcpListener>) -> Result<Place, ProxyError> {
    let metrics = match (options.metrics, metrics) {
        (None, _) => None,
        (Some(asked), Some(open)) if open.local_addr().is_ok_and(|bound| bound == asked) => Some(open),
        (Some(address), _) => {
            let bound = TcpListener::bind(address).and_then(|open| open.set_nonblocking(true).map(|()| open));
            Some(bound.map_err(|source| ProxyError::Metrics { address, source })?)
        }
    };
    Ok(Place {
        folder: options.state.clone(),
        lock: Mutex::new(Some(lock)),
        socket: options.socket.clone(),
        metrics,
        serving: Mutex::default(),
    })
}

/// Starts from the state file.
async fn fresh(
    options: &Options,
    shared: &Arc<Shared>,
    workers: Workers,
    lock: File,
) -> Result<Arc<Control>, ProxyError> {
    let place = place(options, lock, None)?;
    let control = Arc::new(Control::restore(Arc::clone(shared), place, workers).await);
    control.complaints().await.iter().for_each(|complaint| say(complaint));
    health::check(shared).await;
    let socket = |source| ProxyError::Socket { path: options.socket.clone(), source };
    control.start_answering().map_err(socket)?;
    Ok(control)
}

/// Takes over. Until the other process says so, it serves and nothing is changed.
async fn inherit(
    options: &Options,
    shared: &Arc<Shared>,
    workers: Workers,
    taken: Taken,
) -> Result<Arc<Control>, ProxyError> {
    let Taken { offer, lock, listener, metrics, stream } = taken;
    let from = offer.pid;
    let listener = offer.listen.zip(listener).map(|(asked, socket)| Listener::adopt(asked, socket)).transpose();
    let place = place(options, lock, metrics)?;
    let listener = listener.map_err(ProxyError::Start)?;
    let control = Arc::new(Control::inherit(Arc::clone(shared), place, workers, offer, listener).await);
    health::check(shared).await;
    let socket = |source| ProxyError::Socket { path: options.socket.clone(), source };
    let admin = admin::bind(&options.socket).map_err(socket)?;
    let mut link = take::link(stream).map_err(ProxyError::Start)?;
    take::ready(&mut link).await.map_err(|source| ProxyError::HandOver { socket: options.socket.clone(), source })?;
    control.answer_at(admin).map_err(socket)?;
    let begun = control.predecessor.begin(link, shared).await;
    control.accept().await;
    say(&format!("has taken over from process {from}{}", if begun { "" } else { ", which has died" }));
    Ok(control)
}

/// What has to be done again and again.
async fn keep_house(control: Arc<Control>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for count in 1u64.. {
        ticks.tick().await;
        control.shared.clients.tick();
        control.look();
        // During a hand-over orders wait, but time goes on.
        if control.state.try_lock().is_ok() {
            control.tend().await;
        }
        if control.predecessor.is_there() {
            let control = Arc::clone(&control);
            tokio::spawn(async move { control.predecessor.tell(&control.shared, &Order::Report).await });
        }
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
    control.predecessor.tell(shared, &Order::Ending).await;
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
