//! What shell commands print.
//!
//! A command runs in the project's folder, by `/bin/sh -c`, with the environment of whoever runs `sternway` and without standard input.
//! It has 30 seconds; whatever it started ends with it. What it writes to standard error is not looked at: it may hold secrets. What it
//! printed counts for a minute, so that one look at a project runs each command once.

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::formats::LARGEST;

/// How long a command may take.
const WITHIN: Duration = Duration::from_secs(30);

/// How long its output counts.
const COUNTS: Duration = Duration::from_mins(1);

/// Its output, or why there is none: words that hold nothing of it.
pub(crate) type Output = Result<Arc<Vec<u8>>, String>;

type Printed = HashMap<(PathBuf, String), (Instant, Output)>;

/// One look at a project asks for the same source several times: for each service, each environment, and what is sealed.
static PRINTED: LazyLock<Mutex<Printed>> = LazyLock::new(Mutex::default);

/// What a command prints.
pub(crate) fn output(project: &Path, line: &str) -> Output {
    // Held while it runs: who asks for the same at the same time gets the same.
    let mut printed = PRINTED.lock().unwrap_or_else(PoisonError::into_inner);
    printed.retain(|_, (when, _)| when.elapsed() < COUNTS);
    let key = (project.to_owned(), line.to_owned());
    if let Some((_, output)) = printed.get(&key) {
        return output.clone();
    }
    let output = run(project, line, WITHIN).map(Arc::new);
    printed.insert(key, (Instant::now(), output.clone()));
    output
}

fn run(project: &Path, line: &str, within: Duration) -> Result<Vec<u8>, String> {
    let (child, printed) = start(project, line).map_err(|error| format!("it cannot be started: {}", error.kind()))?;
    wait(child, &printed, within)
}

fn start(project: &Path, line: &str) -> io::Result<(Child, Receiver<Vec<u8>>)> {
    let (reader, writer) = io::pipe()?;
    let child = Command::new("/bin/sh")
        .args(["-c", line])
        .current_dir(project)
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    let (send, printed) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // One more than is allowed; the pipe then closes, and a command that goes on printing ends.
        let most = u64::try_from(LARGEST).unwrap_or(u64::MAX).saturating_add(1);
        if reader.take(most).read_to_end(&mut bytes).is_ok() {
            let _ = send.send(bytes);
        }
    });
    Ok((child, printed))
}

fn wait(mut child: Child, printed: &Receiver<Vec<u8>>, within: Duration) -> Result<Vec<u8>, String> {
    let until = Instant::now() + within;
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or("it has no process id")?;
    let bytes = printed.recv_timeout(within);
    let (send, ended) = channel();
    thread::spawn(move || {
        // Not reaped here: until it is, its number stays the group's, and the kill below cannot hit a stranger.
        let _ = send.send(waitid(WaitId::Pid(group), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).is_ok());
    });
    let too_much = bytes.as_ref().is_ok_and(|bytes| bytes.len() > LARGEST);
    let in_time = too_much
        || (bytes != Err(RecvTimeoutError::Timeout)
            && ended.recv_timeout(until.saturating_duration_since(Instant::now())).is_ok());
    let _ = kill_process_group(group, Signal::KILL);
    let status = child.wait().map_err(|error| format!("its end was not seen: {}", error.kind()))?;
    if too_much {
        return Err("it prints more than 8 MiB".to_owned());
    }
    if !in_time {
        return Err(format!("it did not end within {} seconds", within.as_secs()));
    }
    if !status.success() {
        return Err(how(status));
    }
    bytes.map_err(|_| "what it prints cannot be read".to_owned())
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("it failed: exit {code}"),
        (None, signal) => format!("it was killed by signal {}", signal.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_does_not_end_is_stopped_with_all_it_started() {
        let folder = std::env::temp_dir();
        let mark = format!("sternway-command-{}", std::process::id());
        let line = format!("sleep 600 & echo $! > {mark}; sleep 600");
        let failed = run(&folder, &line, Duration::from_secs(2)).expect_err("it sleeps");
        assert_eq!(failed, "it did not end within 2 seconds");
        let mark = folder.join(mark);
        let pid = std::fs::read_to_string(&mark).expect("the command wrote it");
        std::fs::remove_file(mark).expect("it is there");
        let until = Instant::now() + Duration::from_mins(1);
        let is_there = || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
            stat.contains(" (sleep) ") && !stat.contains(") Z ")
        };
        while is_there() {
            assert!(Instant::now() < until, "the sleeper is still there");
            thread::yield_now();
        }
    }

    #[test]
    fn what_cannot_be_used_is_said_without_a_word_of_it() {
        let folder = std::env::temp_dir();
        for (line, expected) in [
            ("echo hidden; echo hidden >&2; exit 3", Err("it failed: exit 3")),
            ("kill -9 $$", Err("it was killed by signal 9")),
            ("yes hidden", Err("it prints more than 8 MiB")),
            ("cat; echo x >&2", Ok(Vec::new())),
        ] {
            assert_eq!(run(&folder, line, Duration::from_mins(2)), expected.map_err(ToOwned::to_owned), "{line}");
        }
    }
}
