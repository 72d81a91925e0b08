//! The agent: answers requests on its socket, one thread a connection, and watches over what must run on this host.
//!
//! It may end or be killed at any time: instances go on behind their shims, and the next agent finds them by their folders. What it
//! remembers beyond them (epochs, the logbook's head) is in `agent.json`.

mod command;
mod finding;
mod inventory;
mod keep;
mod memory;
mod port;
mod releases;
mod report;
mod room;
mod start;
mod stop;
mod unit;
mod watch;

pub use memory::witness_on_disk;
pub use releases::release_folder;

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::{self, BufReader, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;
use sternway_core::time::Timestamp;
use sternway_store::{Store, StoreError};
use sternway_wire::{peer_allowed, read_line, write_line};

use self::memory::Memory;
use self::unit::{Key, Unit};
use crate::backoff::Backoff;
use crate::clock::now;
use crate::durable::make_folder;
use crate::folder::lock_file;
use crate::log::LogLimits;
use crate::protocol::{Lease, Opaque, Request, Response};
use crate::prover::Prover;

/// How an agent is set up.
#[derive(Debug, Clone)]
pub struct AgentOptions {
    /// The state folder, made when it is not there. One agent at a time has it.
    pub state: PathBuf,
    /// The socket to listen on, mode 0600; at most 107 bytes long.
    pub socket: PathBuf,
    /// The program that starts as a shim when it is run as `program shim --dir DIR`.
    pub program: PathBuf,
    /// How much log each instance keeps.
    pub log: LogLimits,
    /// How pauses between restarts grow.
    pub backoff: Backoff,
    /// What answers [`Request::Prove`].
    pub prover: Prover,
}

impl AgentOptions {
    /// The usual limits.
    pub fn new(state: impl Into<PathBuf>, socket: impl Into<PathBuf>, program: impl Into<PathBuf>) -> Self {
        Self {
            state: state.into(),
            socket: socket.into(),
            program: program.into(),
            log: LogLimits::default(),
            backoff: Backoff::default(),
            prover: Prover::default(),
        }
    }
}

/// Why an agent could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Another agent has this state folder.
    #[error("the agent with process id {pid} already serves {state}", state = state.display())]
    Taken {
        /// The state folder.
        state: PathBuf,
        /// Its process id, or `unknown` in the moment of its start.
        pid: String,
    },
    /// Something answers at the socket, on another state folder.
    #[error("another agent already listens on {socket}", socket = socket.display())]
    SocketTaken {
        /// The socket.
        socket: PathBuf,
    },
    /// The path is longer than a socket's address may be (`sun_path` of unix(7)).
    #[error("the socket's path {socket} has {length} bytes; at most 107 are possible", socket = socket.display())]
    SocketTooLong {
        /// The socket.
        socket: PathBuf,
        /// Its length in bytes.
        length: usize,
    },
    /// The store of releases cannot be opened.
    #[error("the store of releases cannot be opened")]
    Store(#[from] StoreError),
    /// The system refused.
    #[error("cannot {what} {path}", path = path.display())]
    System {
        /// What failed.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn system(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> AgentError {
    let path = path.to_owned();
    move |source| AgentError::System { what, path, source }
}

/// More connections than this at a time are closed unanswered.
const CONNECTIONS: usize = 512;

/// What the wake pipe says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Quit,
    Renew,
}

/// What all threads of an agent share.
struct Agent {
    options: AgentOptions,
    store: Store,
    since: Timestamp,
    memory: Mutex<Memory>,
    warning: Mutex<Option<String>>,
    units: Mutex<BTreeMap<Key, Arc<Unit>>>,
    /// Held while the staged releases of an environment change.
    staging: Mutex<BTreeMap<EnvironmentName, Arc<Mutex<()>>>>,
    ports: port::Ports,
    room: room::Room,
    connections: AtomicUsize,
    /// Held while kept parts change.
    parts: Mutex<()>,
    /// What the agent is to become.
    renewal: Mutex<Option<PathBuf>>,
    wake: UnixStream,
}

/// A lock, also when a thread that held it panicked: what it guards is replaced as a whole.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves until [`Request::Quit`], SIGTERM or SIGINT. What runs goes on.
pub fn run(mut options: AgentOptions) -> Result<(), AgentError> {
    make_folder(&options.state).map_err(system("make the folder", &options.state))?;
    options.state = options.state.canonicalize().map_err(system("find", &options.state))?;
    // Shims are started from another folder than this one.
    if options.program.components().count() > 1 {
        options.program = std::path::absolute(&options.program).map_err(system("find", &options.program))?;
    }
    let _lock = take(&options.state)?;
    let listener = listen(&options.socket)?;
    let (mut wake, quit) = UnixStream::pair().map_err(system("make a pipe for", &options.socket))?;
    receive_signals(&quit).map_err(system("receive signals for", &options.socket))?;
    wake.set_nonblocking(true).map_err(system("make a pipe for", &options.socket))?;
    let (memory, warning) =
        Memory::load(&options.state).map_err(system("read the agent's state in", &options.state))?;
    let agent = Arc::new(Agent {
        store: Store::open(&options.state.join("store"))?,
        since: now(),
        memory: Mutex::new(memory),
        warning: Mutex::new(warning),
        units: Mutex::default(),
        staging: Mutex::default(),
        ports: port::Ports::default(),
        room: room::Room::new(options.state.join("reserve")),
        connections: AtomicUsize::new(0),
        parts: Mutex::default(),
        renewal: Mutex::default(),
        wake: quit,
        options,
    });
    agent.adopt();
    agent.room.reserve();
    while agent.accept(&listener, &mut wake) == Told::Renew {
        let error = agent.become_another();
        agent.warn(format!("the agent could not become another program: {error}"));
    }
    // Gone before the lock is, so that it is never the next agent's socket that is removed.
    let _gone_or_not = fs::remove_file(&agent.options.socket);
    Ok(())
}

/// Takes the state folder's lock, which the kernel releases when this process ends, however it ends.
fn take(state: &Path) -> Result<File, AgentError> {
    let path = state.join("agent.lock");
    let Some(mut lock) = lock_file(&path).map_err(system("lock", &path))? else {
        let pid = fs::read_to_string(&path).unwrap_or_default().trim().to_owned();
        let pid = if pid.is_empty() { "unknown".to_owned() } else { pid };
        return Err(AgentError::Taken { state: state.to_owned(), pid });
    };
    lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id())).map_err(system("write", &path))?;
    Ok(lock)
}

fn listen(socket: &Path) -> Result<UnixListener, AgentError> {
    let length = socket.as_os_str().len();
    if length > 107 {
        return Err(AgentError::SocketTooLong { socket: socket.to_owned(), length });
    }
    if UnixStream::connect(socket).is_ok() {
        return Err(AgentError::SocketTaken { socket: socket.to_owned() });
    }
    if let Some(folder) = socket.parent() {
        make_folder(folder).map_err(system("make the folder", folder))?;
    }
    match fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(system("remove the old", socket)(error)),
        _ => {}
    }
    let listener = UnixListener::bind(socket).map_err(system("listen on", socket))?;
    fs::set_permissions(socket, Permissions::from_mode(0o600)).map_err(system("protect", socket))?;
    listener.set_nonblocking(true).map_err(system("listen on", socket))?;
    Ok(listener)
}

/// SIGTERM and SIGINT write to the pipe; SIGHUP means nothing, since there is no terminal whose end would matter.
fn receive_signals(quit: &UnixStream) -> io::Result<()> {
    for signal in [SIGTERM, SIGINT] {
        signal_hook::low_level::pipe::register(signal, quit.try_clone()?)?;
    }
    signal_hook::flag::register(SIGHUP, Arc::new(AtomicBool::new(false)))?;
    Ok(())
}

impl Agent {
    /// Accepts connections until the wake pipe says what to do instead.
    fn accept(self: &Arc<Self>, listener: &UnixListener, wake: &mut UnixStream) -> Told {
        loop {
            let mut waits = [
                PollFd::from_borrowed_fd(listener.as_fd(), PollFlags::IN),
                PollFd::from_borrowed_fd(wake.as_fd(), PollFlags::IN),
            ];
            // Interrupted by a signal: the pipe has it.
            let _interrupted = poll(&mut waits, None);
            let mut told = [0];
            if matches!(wake.read(&mut told), Ok(1..)) {
                return if told == *b"r" { Told::Renew } else { Told::Quit };
            }
            // Any error (out of descriptors, a client that went away) is about one connection: the next may do better.
            if let Ok((stream, _)) = listener.accept() {
                self.connected(stream);
            }
        }
    }

    fn connected(self: &Arc<Self>, stream: UnixStream) {
        if !peer_allowed(&stream) || self.connections.load(Ordering::Relaxed) >= CONNECTIONS {
            return;
        }
        self.connections.fetch_add(1, Ordering::Relaxed);
        let agent = Arc::clone(self);
        let spawned = thread::Builder::new().name("connection".to_owned()).spawn(move || {
            // A connection that breaks has nobody left to tell.
            let _broken = agent.converse(stream);
            agent.connections.fetch_sub(1, Ordering::Relaxed);
        });
        if spawned.is_err() {
            self.connections.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn converse(self: &Arc<Self>, stream: UnixStream) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        let mut out = stream.try_clone()?;
        let mut input = BufReader::new(stream);
        while let Some(line) = read_line(&mut input)? {
            let request = match serde_json::from_str::<Request>(&line) {
                Ok(request) => request,
                Err(error) => {
                    // The error's words may quote the line; its place does not.
                    let finding = finding::not_understood(error.line(), error.column());
                    write_line(&mut out, &Response::Failed { finding: *finding })?;
                    continue;
                }
            };
            let quits = matches!(request, Request::Quit { .. });
            let renews = matches!(request, Request::Renew { .. });
            let response = self.answer(request).unwrap_or_else(|finding| Response::Failed { finding: *finding });
            let stays = matches!(response, Response::Failed { .. });
            write_line(&mut out, &response)?;
            if (quits || renews) && !stays {
                return (&self.wake).write_all(if quits { b"q" } else { b"r" });
            }
        }
        Ok(())
    }

    fn answer(self: &Arc<Self>, request: Request) -> Result<Response, Box<Finding>> {
        if let Some(refusal) = self.refuse(&request)? {
            return Ok(refusal);
        }
        match request {
            Request::Status => Ok(Response::Status(Box::new(self.status()))),
            Request::Stage { lease, release } => self.stage(&lease.environment, &release),
            Request::Verify { release } => self.verify(&release),
            Request::Start { lease, release, services } => self.start(&lease.environment, &release, &services),
            Request::Stop { lease, release, services } => self.stop(&lease.environment, release, &services),
            Request::Run { lease, release, service, command, key, within, undoes } => {
                self.run_command(&command::Order {
                    environment: lease.environment,
                    release,
                    service,
                    command,
                    key,
                    within,
                    undoes,
                })
            }
            Request::Tail { instance, lines } => Ok(Response::Lines(self.tail(&instance, lines))),
            Request::Remove { lease, releases } => self.remove(&lease.environment, &releases),
            Request::Keep { name, command } => self.keep(&name, &command),
            Request::Replace { name, command, answers } => self.replace(&name, &command, answers.as_deref()),
            Request::Drop { name } => self.let_go(&name),
            Request::Witness { seq, hash } => self.witness(seq, hash),
            Request::Inventory => self.inventory().map(Response::Inventory),
            Request::Environment { of } => self.environment(&of),
            Request::Prove { question, within } => self
                .options
                .prover
                .prove(&question.0, within.duration())
                .map(|answer| Response::Proven { answer: Opaque(answer) })
                .map_err(|why| finding::not_proven(&why)),
            Request::Renew { program } => self.renew(program),
            Request::Quit { all } => self.quit(all),
        }
    }

    /// The answer to a request that must not be carried out, because its lease is of the past.
    fn refuse(&self, request: &Request) -> Result<Option<Response>, Box<Finding>> {
        let (Request::Stage { lease, .. }
        | Request::Start { lease, .. }
        | Request::Stop { lease, .. }
        | Request::Run { lease, .. }
        | Request::Remove { lease, .. }) = request
        else {
            return Ok(None);
        };
        let Lease { environment, epoch } = lease;
        let mut memory = held(&self.memory);
        match memory.epochs.get(environment).copied() {
            Some(seen) if *epoch < seen => return Ok(Some(Response::StaleEpoch { seen })),
            Some(seen) if *epoch == seen => {}
            _ => memory.change(self, |memory| {
                memory.epochs.insert(environment.clone(), *epoch);
            })?,
        }
        Ok(None)
    }

    /// Remembers what to become, after looking whether it can be run.
    fn renew(&self, program: PathBuf) -> Result<Response, Box<Finding>> {
        let runs = Command::new(&program).arg("--version").stdin(Stdio::null()).output();
        let why = match runs {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(output.status.to_string()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(why) = why {
            return Err(finding::cannot_become(&program, &why));
        }
        *held(&self.renewal) = Some(program);
        Ok(Response::Done)
    }

    /// Becomes the other program, as after a `kill -9`: all that must go on stands in the folders. Returns only when that failed.
    fn become_another(&self) -> io::Error {
        match held(&self.renewal).take() {
            // What is open is closed by it, the lock too.
            Some(program) => Command::new(program).args(std::env::args_os().skip(1)).exec(),
            None => io::ErrorKind::NotFound.into(),
        }
    }

    fn witness(&self, seq: u64, hash: String) -> Result<Response, Box<Finding>> {
        let mut memory = held(&self.memory);
        match &memory.witness {
            Some((seen, known)) if *seen == seq && *known != hash => return Err(finding::another_logbook(seq)),
            // Several senders may overtake each other; a truncated logbook shows in `Status`, which has the greatest.
            Some((seen, _)) if *seen >= seq => {}
            _ => memory.change(self, |memory| memory.witness = Some((seq, hash)))?,
        }
        Ok(Response::Done)
    }
}
