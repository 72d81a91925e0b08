//! The shim: one small process beside each instance. It owns the pipes, the child and the exit status, so that an agent's death
//! breaks nothing, and it starts the child again when that ends by itself, whether an agent lives or not.
//!
//! It is told what to do by files and signals alone: `spec.json` before it starts, SIGTERM to end (see [`crate::folder`]). It leads
//! a session of its own and adopts orphans among its descendants, so that a daemon that forked twice is found and ended too.

mod child;

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Signal, getpid, kill_process_group, set_child_subreaper, setsid};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use self::child::{Child, Ending};
use crate::clock::now;
use crate::folder::{Exit, FORMAT, Folder, Phase, ShimSpec, ShimStatus};
use crate::log::{Log, Stream};
use crate::process::{self, Process};

/// Why a shim could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ShimError {
    /// Nothing must run here.
    #[error("{0} does not say what to run")]
    NothingToRun(std::path::PathBuf),
    /// Another shim has this folder.
    #[error("another shim serves {0}")]
    Taken(std::path::PathBuf),
    /// The spec was written by a later version.
    #[error("{folder} is of format {found}, this version knows formats up to {FORMAT}")]
    Foreign {
        /// The folder.
        folder: std::path::PathBuf,
        /// The format found.
        found: u32,
    },
    /// The system refused.
    #[error("the shim of {folder} cannot {what}")]
    System {
        /// The folder.
        folder: std::path::PathBuf,
        /// What failed.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
}

/// What happens to a shim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// A child changed its state.
    Child,
    /// It must end.
    Stop,
    /// A pipe of the child's with this number reached its end.
    Eof(u32),
}

/// Runs what the folder's `spec.json` says until it has ended for good or SIGTERM came. The process must be one of its own: it
/// becomes a session leader and a subreaper, and reaps all children.
pub fn run(dir: &Path) -> Result<(), ShimError> {
    let system = |what| move |source| ShimError::System { folder: dir.to_owned(), what, source };
    let folder = Folder::new(dir);
    let Some(_lock) = folder.lock().map_err(system("lock it"))? else { return Err(ShimError::Taken(dir.to_owned())) };
    let spec =
        folder.spec().map_err(system("read spec.json"))?.ok_or_else(|| ShimError::NothingToRun(dir.to_owned()))?;
    if spec.format > FORMAT {
        return Err(ShimError::Foreign { folder: dir.to_owned(), found: spec.format });
    }
    // Refused when it already leads a process group, as when a person starts it from a shell: good enough then.
    let _leads_a_group = setsid();
    set_child_subreaper(Some(getpid())).map_err(io::Error::from).map_err(system("adopt orphans"))?;
    // Not to keep a file system busy that somebody wants to unmount.
    std::env::set_current_dir("/").map_err(system("change to /"))?;
    let (events, inbox) = channel();
    listen(events.clone()).map_err(system("receive signals"))?;
    let own = Process::current()
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
        .map_err(system("read /proc/self/stat"))?;
    // A shim before this one may have been killed: what it counted goes on.
    let earlier = folder.status();
    let status = ShimStatus {
        format: FORMAT,
        written_by: env!("CARGO_PKG_VERSION").to_owned(),
        shim: own,
        child: None,
        phase: Phase::Running,
        restarts: earlier.as_ref().map_or(0, |earlier| earlier.restarts + 1),
        since: now(),
        last_exit: earlier.and_then(|earlier| earlier.last_exit),
    };
    let log = Arc::new(Mutex::new(Log::new(dir, spec.log)));
    Shim { folder, spec, status, log, events, inbox, pause: None }.supervise();
    Ok(())
}

/// Turns signals into events.
fn listen(events: Sender<Event>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGCHLD, SIGHUP])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            let event = match signal {
                SIGCHLD => Event::Child,
                SIGTERM | SIGINT => Event::Stop,
                // There is no terminal whose end would matter.
                _ => continue,
            };
            if events.send(event).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

/// How a run of the child came to its end.
enum Outcome {
    /// By itself.
    Ended(Exit),
    /// By order, or because it took too long.
    Stopped,
}

struct Shim {
    folder: Folder,
    spec: ShimSpec,
    status: ShimStatus,
    log: Arc<Mutex<Log>>,
    events: Sender<Event>,
    inbox: Receiver<Event>,
    pause: Option<Duration>,
}

impl Shim {
    fn supervise(&mut self) {
        let deadline = self.spec.within.map(|within| Instant::now() + within.duration());
        for number in 0.. {
            let began = Instant::now();
            let exit = match self.run_once(number, deadline) {
                Outcome::Ended(exit) => exit,
                Outcome::Stopped => return,
            };
            let Some(backoff) = self.spec.restart.filter(|_| !self.folder.is_leaving()) else {
                self.status.last_exit = Some(exit);
                self.record(Phase::Ended);
                return;
            };
            let pause = backoff.pause(self.pause, began.elapsed());
            self.pause = Some(pause);
            self.remark(&format!("ended with {}; starting again in {} ms", exit.words, pause.as_millis()));
            self.status.last_exit = Some(exit);
            self.record(Phase::BackingOff { until: now().plus(pause) });
            if self.stop_comes_before(Some(Instant::now() + pause)) {
                self.record(Phase::Ended);
                return;
            }
            self.status.restarts += 1;
        }
    }

    /// Starts the child and waits for its end.
    fn run_once(&mut self, number: u32, deadline: Option<Instant>) -> Outcome {
        if self.folder.must_stop() {
            self.record(Phase::Ended);
            return Outcome::Stopped;
        }
        self.status.since = now();
        // Said before anything runs, so that this shim is known to whoever must clean up after it.
        self.record(Phase::Running);
        let mut child = match Child::start(&self.spec, self.folder.path(), number, &self.log, &self.events) {
            Ok(child) => child,
            Err(error) => {
                let words = format!("the command cannot be started: {error}");
                self.remark(&words);
                return Outcome::Ended(Exit { code: 127, words, survivors: 0, at: now() });
            }
        };
        self.status.child = Process::of(child.pid());
        self.record(Phase::Running);
        loop {
            // Asked before each wait, because many children's ends may make one signal.
            if let Some(ending) = child.reap() {
                return Outcome::Ended(self.clean_up_after(&mut child, ending));
            }
            match self.next_event(deadline) {
                Some(Event::Stop) => {
                    self.stop(&mut child);
                    return Outcome::Stopped;
                }
                Some(Event::Eof(of)) => child.eof(of),
                Some(Event::Child) => {}
                None => {
                    self.remark("it took too long and is stopped");
                    self.stop(&mut child);
                    if let Some(exit) = &mut self.status.last_exit {
                        exit.code = 124;
                        exit.words = format!("stopped: it did not end within {}", self.spec.within.unwrap_or_default());
                    }
                    self.record(Phase::Ended);
                    return Outcome::Stopped;
                }
            }
        }
    }

    /// The main process ended by itself: notes how, and ends whatever it left behind, so that it can be started again.
    fn clean_up_after(&mut self, child: &mut Child, ending: Ending) -> Exit {
        let left = self.descendants();
        if left.is_empty() {
            self.drain(child);
        }
        let exit = Exit {
            code: ending.code,
            words: ending.words,
            survivors: u32::try_from(left.len()).unwrap_or(u32::MAX),
            at: now(),
        };
        self.status.child = None;
        self.status.last_exit = Some(exit.clone());
        if !left.is_empty() {
            self.remark(&format!(
                "ended with {} and left {} processes behind; they are stopped",
                exit.words,
                left.len()
            ));
            self.record(Phase::Stopping);
            self.end_descendants(None);
            self.drain(child);
        }
        child.reap();
        exit
    }

    /// Ends the child and all its descendants.
    fn stop(&mut self, child: &mut Child) {
        self.record(Phase::Stopping);
        // Not reaped yet, so the group is certainly its own. The kernel tells all of a group at once, also what forks meanwhile.
        let told = child.group().filter(|group| kill_process_group(*group, Signal::TERM).is_ok()).map(|_| child.pid());
        let left = self.end_descendants(told);
        let ending = child.reap().unwrap_or_else(|| Ending { code: 137, words: "killed by signal 9".to_owned() });
        self.drain(child);
        self.status.child = None;
        self.status.last_exit = Some(Exit { code: ending.code, words: ending.words, survivors: left, at: now() });
        self.remark("stopped");
        self.record(Phase::Ended);
    }

    fn descendants(&self) -> Vec<Process> {
        process::descendants(self.status.shim.pid, &self.folder.path().to_string_lossy())
    }

    /// SIGTERM, the grace, SIGKILL, to all descendants. Answers with the number of those that are still there.
    fn end_descendants(&self, told: Option<u32>) -> u32 {
        let left = process::end_all(|| self.descendants(), told, self.spec.grace.duration());
        u32::try_from(left.len()).unwrap_or(u32::MAX)
    }

    /// Waits a moment for the last lines of a child that has ended.
    fn drain(&mut self, child: &mut Child) {
        let deadline = Instant::now() + Duration::from_millis(500);
        while !child.drained() {
            match self.next_event(Some(deadline)) {
                Some(Event::Eof(of)) => child.eof(of),
                // Not lost: the loop looks for both again.
                Some(Event::Child) => {}
                Some(Event::Stop) => {
                    let _own_inbox = self.events.send(Event::Stop);
                    return;
                }
                None => return,
            }
        }
    }

    fn stop_comes_before(&self, deadline: Option<Instant>) -> bool {
        while let Some(event) = self.next_event(deadline) {
            if event == Event::Stop {
                return true;
            }
            child::reap_orphans();
        }
        false
    }

    /// The next event, or `None` at the deadline.
    fn next_event(&self, deadline: Option<Instant>) -> Option<Event> {
        // Orphans are also reaped at a signal that was lost in the crowd.
        let at_most =
            deadline.map_or(Duration::from_hours(1), |deadline| deadline.saturating_duration_since(Instant::now()));
        match self.inbox.recv_timeout(at_most) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) if deadline.is_none() => Some(Event::Child),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }

    fn record(&mut self, phase: Phase) {
        self.status.phase = phase;
        // On a full disk the agent sees an older status; the service matters more.
        if let Err(error) = self.folder.write_status(&self.status) {
            self.remark(&format!("status.json cannot be written: {error}"));
        }
    }

    fn remark(&self, text: &str) {
        held(&self.log).line(Stream::Shim, text);
    }
}

/// The log, also when a thread that held it panicked: each line is written whole.
fn held(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}
