//! The main process behind a shim, its pipes and its end.

use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::process::{Pid, WaitOptions, WaitStatus, wait};

use super::{Event, held};
use crate::folder::ShimSpec;
use crate::log::{Log, Stream};
use crate::process::MARKER;

/// Longer lines are logged in pieces of this many bytes.
const LINE_LIMIT: u64 = 16 * 1024;

/// How the main process ended.
pub(super) struct Ending {
    pub(super) code: i32,
    pub(super) words: String,
}

/// The main process.
pub(super) struct Child {
    pid: Pid,
    number: u32,
    reaped: bool,
    open_pipes: u8,
}

impl Child {
    /// Starts the command in a process group of its own with its output going to the log.
    pub(super) fn start(
        spec: &ShimSpec,
        folder: &Path,
        number: u32,
        log: &Arc<Mutex<Log>>,
        events: &Sender<Event>,
    ) -> io::Result<Self> {
        let (program, arguments) = spec
            .command
            .split_first()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no program is named"))?;
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(&spec.cwd)
            .env_clear()
            .envs(&spec.variables.0)
            .env(MARKER, folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pid = i32::try_from(child.id())
            .ok()
            .and_then(Pid::from_raw)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the child has no process id"))?;
        let mut open_pipes = 0;
        if let Some(pipe) = child.stdout.take() {
            copy(pipe, Stream::Out, number, Arc::clone(log), events.clone())?;
            open_pipes += 1;
        }
        if let Some(pipe) = child.stderr.take() {
            copy(pipe, Stream::Err, number, Arc::clone(log), events.clone())?;
            open_pipes += 1;
        }
        Ok(Self { pid, number, reaped: false, open_pipes })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Its process group, as long as the number is certainly its own.
    pub(super) fn group(&self) -> Option<Pid> {
        (!self.reaped).then_some(self.pid)
    }

    /// Reaps all children that ended. Answers once, when the main process is among them.
    pub(super) fn reap(&mut self) -> Option<Ending> {
        let mut ending = None;
        // An error is ECHILD: there are no children left.
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid == self.pid && !self.reaped {
                self.reaped = true;
                ending = Some(in_words(status));
            }
        }
        ending
    }

    /// One of the pipes of the child with this number is at its end.
    pub(super) fn eof(&mut self, number: u32) {
        if number == self.number {
            self.open_pipes = self.open_pipes.saturating_sub(1);
        }
    }

    /// Whether all that it wrote is in the log.
    pub(super) fn drained(&self) -> bool {
        self.open_pipes == 0
    }
}

/// Reaps adopted orphans while no main process runs.
pub(super) fn reap_orphans() {
    while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
}

fn in_words(status: WaitStatus) -> Ending {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Ending { code, words: format!("exit status {code}") },
        (None, Some(signal)) => Ending { code: 128 + signal, words: format!("killed by signal {signal}") },
        (None, None) => Ending { code: 255, words: "an unknown end".to_owned() },
    }
}

fn copy(
    pipe: impl Read + Send + 'static,
    stream: Stream,
    number: u32,
    log: Arc<Mutex<Log>>,
    events: Sender<Event>,
) -> io::Result<()> {
    thread::Builder::new().name(format!("{stream:?}")).spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while pipe.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line);
            held(&log).line(stream, text.trim_end_matches(['\n', '\r']));
            line.clear();
        }
        // The shim may be past listening.
        let _unheard = events.send(Event::Eof(number));
    })?;
    Ok(())
}
