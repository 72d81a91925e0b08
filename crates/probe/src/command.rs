//! A shell command as a check: in a process group of its own, which is gone when the answer is there.

use std::collections::VecDeque;
use std::io::{self, PipeReader, Read as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use sternway_core::ids::ServiceName;

use crate::prober::no_answer;
use crate::{Outcome, Secrets};

/// As much of the end of the output is kept.
const OUTPUT_LIMIT: usize = 64 * 1024;
/// How long output may still come once the whole group is dead: only a process that left the group can hold the pipe.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// What a command sees of our environment; the rest is ours.
const INHERITED: [&str; 8] = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "SHELL"];

/// Where a command runs, and what it is told: where the release is, and where each of its services.
pub(crate) struct Place<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) url: &'a str,
    pub(crate) each: &'a [(&'a ServiceName, &'a str)],
}

/// Runs `line` with `sh -c`; exit 0 passes.
pub(crate) fn ask(line: &str, place: &Place<'_>, timeout: Duration, secrets: &Secrets) -> Outcome {
    match spawn(line, place) {
        Ok((child, output)) => wait(child, &output, timeout, secrets),
        Err(error) => Outcome::unknown(format!("the command cannot be started: {error}")),
    }
}

fn spawn(line: &str, place: &Place<'_>) -> io::Result<(Child, Receiver<VecDeque<u8>>)> {
    let (reader, writer) = io::pipe()?;
    let child = Command::new("/bin/sh")
        .args(["-c", line])
        .env_clear()
        .envs(INHERITED.iter().filter_map(|key| Some((key, std::env::var_os(key)?))))
        .current_dir(place.folder)
        .env("STERNWAY_URL", place.url)
        .envs(place.each.iter().map(|(service, url)| (variable(service), url)))
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0)
        .spawn()?;
    let (send, output) = channel();
    thread::spawn(move || {
        let _ = send.send(tail(reader));
    });
    Ok((child, output))
}

/// `STERNWAY_URL_IMAGE_STORE` for the service `image-store`.
fn variable(service: &ServiceName) -> String {
    format!("STERNWAY_URL_{}", service.as_str().to_ascii_uppercase().replace('-', "_"))
}

fn wait(mut child: Child, output: &Receiver<VecDeque<u8>>, timeout: Duration, secrets: &Secrets) -> Outcome {
    let Ok(pid) = i32::try_from(child.id()) else {
        return Outcome::unknown("the command has no process id");
    };
    let Some(group) = Pid::from_raw(pid) else {
        return Outcome::unknown("the command has no process id");
    };
    let (send, ended) = channel();
    thread::spawn(move || {
        // Not reaped here: until it is, its number stays the group's and the kill below cannot hit a stranger.
        let _ = send.send(waitid(WaitId::Pid(group), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT));
    });
    let in_time = ended.recv_timeout(timeout).is_ok();
    // Whatever the answer: what it left in the background goes with it.
    let _ = kill_process_group(group, Signal::KILL);
    let status = child.wait();
    if !in_time {
        return Outcome::fail(no_answer(timeout));
    }
    let words = output.recv_timeout(LAST_WORDS).unwrap_or_default();
    match status {
        Ok(status) if status.success() => Outcome::pass("exit 0"),
        Ok(status) => Outcome::fail(describe(status, words, secrets)),
        Err(error) => Outcome::unknown(format!("the command's end was not seen: {error}")),
    }
}

/// Reads to the end and keeps the last [`OUTPUT_LIMIT`] bytes.
fn tail(mut reader: PipeReader) -> VecDeque<u8> {
    let mut kept = VecDeque::new();
    let mut chunk = [0; 8192];
    while let Ok(n @ 1..) = reader.read(&mut chunk) {
        kept.extend(&chunk[..n]);
        kept.drain(..kept.len().saturating_sub(OUTPUT_LIMIT));
    }
    kept
}

/// The exit and the last line that it wrote, scrubbed before it is cut so that no half of a secret remains.
fn describe(status: ExitStatus, words: VecDeque<u8>, secrets: &Secrets) -> String {
    let end = match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit {code}"),
        (None, signal) => format!("killed by signal {}", signal.unwrap_or_default()),
    };
    let cut = words.len() == OUTPUT_LIMIT;
    let text = String::from_utf8_lossy(&Vec::from(words)).into_owned();
    // The first line of a cut output may begin in the middle of a secret.
    let text = if cut { text.split_once('\n').map_or("", |(_, rest)| rest) } else { &text };
    let text = secrets.scrub(text);
    match text.lines().map(str::trim).rfind(|line| !line.is_empty()) {
        Some(line) => format!("{end}: {line}"),
        None => end,
    }
}
