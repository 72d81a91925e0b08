//! What the agent finds wrong, in words. Codes S0301 to S0323; nothing here ever holds a configuration value.

#![expect(clippy::unnecessary_box_returns, reason = "all are the error of a Result, for which a finding is too large")]

use std::error::Error;
use std::io;
use std::path::Path;

use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::release::ReleaseRef;
use sternway_core::time::Millis;
use sternway_store::StoreError;

use crate::folder::Exit;
use crate::protocol::{InstanceId, ProcessRef};

/// Which instance failed and what it said last, already without secrets.
pub(super) struct LastWords {
    pub(super) id: InstanceId,
    pub(super) lines: Vec<String>,
}

impl LastWords {
    fn who(&self) -> String {
        format!("`{}` of release {} in {}", self.id.service, self.id.release, self.id.environment)
    }

    /// The command that shows its whole log.
    fn log(&self) -> String {
        let InstanceId { environment, service, release } = &self.id;
        format!("`sternway log --environment {environment} --service {service} --release {release}` shows its log")
    }

    fn said(&self) -> String {
        if self.lines.is_empty() {
            return "It wrote nothing.".to_owned();
        }
        format!(
            "Its last lines:\n{}",
            self.lines.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
        )
    }

    fn finding(&self, code: &str, what: &str) -> Finding {
        Finding::error(code, self.id.service.to_string(), format!("{} {what}. {}", self.who(), self.said()))
    }
}

pub(super) fn not_ready(last: &LastWords, within: Millis, seen: &str) -> Box<Finding> {
    last.finding("S0301", &format!("was not ready within {within}: {seen}")).hint(format!(
        "{}; see that `ready` in sternway.toml names what the service answers and that it listens on 127.0.0.1:$PORT, or raise `ready_within`",
        last.log()
    ))
    .into()
}

pub(super) fn exited(last: &LastWords, exit: &Exit) -> Box<Finding> {
    let hint = if exit.code == 0 {
        "`run` must stay in the foreground until it is stopped"
    } else {
        "run the same command by hand in the staged folder with the release's configuration"
    };
    last.finding("S0302", &format!("ended before it was ready ({})", exit.words))
        .hint(format!("{}; {hint}", last.log()))
        .into()
}

pub(super) fn forked(last: &LastWords, exit: &Exit) -> Box<Finding> {
    last.finding(
        "S0305",
        &format!("put itself into the background: its main process ended with {} and left {} others", exit.words, exit.survivors),
    )
    .hint("run it in the foreground (`daemon off;`, `--no-daemon`, `-D FOREGROUND`) and let `run` in sternway.toml `exec` it")
    .into()
}

pub(super) fn port_in_use(id: &InstanceId, port: u16, ours: bool) -> Box<Finding> {
    let hint = if ours {
        "see what takes ports from 20000 to 29999 on this host (`ss -ltnp`), then repeat the command".to_owned()
    } else {
        format!(
            "`ss -ltnp 'sport = :{port}'` says who has it; let the service listen on $PORT instead of a fixed port, or say `overlap = false` in sternway.toml when it must have this one"
        )
    };
    Finding::error(
        "S0303",
        id.service.to_string(),
        format!(
            "port {port}, on which `{}` of release {} in {} must listen, is in use",
            id.service, id.release, id.environment
        ),
    )
    .hint(hint)
    .into()
}

pub(super) fn no_port(id: &InstanceId, error: &io::Error) -> Box<Finding> {
    Finding::error(
        "S0303",
        id.service.to_string(),
        format!("no port can be found for `{}` of release {} in {}: {error}", id.service, id.release, id.environment),
    )
    .hint("see what takes the ports from 20000 to 29999 on this host (`ss -ltunp`), then repeat the command")
    .into()
}

pub(super) fn not_staged(environment: &EnvironmentName, release: &ReleaseRef, why: &str) -> Box<Finding> {
    Finding::error(
        "S0304",
        format!("release {}", release.number),
        format!("release {} is not staged for {environment} on this host: {why}", release.number),
    )
    .hint(format!("`sternway plan {environment}` says what can be shipped; shipping stages it again"))
    .into()
}

pub(super) fn no_such_service(
    environment: &EnvironmentName,
    release: ReleaseNumber,
    service: &ServiceName,
) -> Box<Finding> {
    Finding::error(
        "S0304",
        service.to_string(),
        format!("release {release} of {environment} has no service `{service}`"),
    )
    .hint(format!("`sternway status {environment}` names the services of each release"))
    .into()
}

pub(super) fn stop_incomplete(what: &str, pids: &[u32]) -> Box<Finding> {
    let pids = pids.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    Finding::error("S0306", what, format!("{what} is not stopped: SIGKILL did not end process {pids}"))
        .hint(format!("a process that waits for a disk or a network share cannot be killed: `ps -o pid,stat,wchan,args -p {pids}`; then repeat the command"))
    .into()
}

pub(super) fn job_failed(last: &LastWords, exit: &Exit) -> Box<Finding> {
    last.finding("S0308", &format!("is a job and failed ({})", exit.words)).hint(last.log()).into()
}

pub(super) fn still_runs(release: ReleaseNumber, what: &str) -> Box<Finding> {
    Finding::error(
        "S0309",
        format!("release {release}"),
        format!("release {release} is not removed, because {what} of it runs"),
    )
    .hint("stop it first; `sternway status` shows what runs")
    .into()
}

pub(super) fn stopped_meanwhile(id: &InstanceId) -> Box<Finding> {
    Finding::error(
        "S0310",
        id.service.to_string(),
        format!(
            "`{}` of release {} in {} was stopped by another request before it was ready",
            id.service, id.release, id.environment
        ),
    )
    .hint(format!("`sternway status {}` says who changes it", id.environment))
    .into()
}

pub(super) fn another_release(id: &InstanceId) -> Box<Finding> {
    Finding::error(
        "S0311",
        id.service.to_string(),
        format!("another release runs under the number {} as `{}` in {}", id.release, id.service, id.environment),
    )
    .hint("two state folders with numbers of their own use this host's agent: give each its own `--state`")
    .into()
}

pub(super) fn bad_name(name: &str) -> Box<Finding> {
    Finding::error(
        "S0312",
        name,
        "a kept part needs a name of 1 to 100 of a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit, and a command",
    )
    .into()
}

pub(super) fn not_taken_over(name: &str, within: Millis, last: &[String]) -> Box<Finding> {
    let lines = last.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n");
    let said = if lines.is_empty() { "It wrote nothing.".to_owned() } else { format!("Its last lines:\n{lines}") };
    Finding::error(
        "S0322",
        name,
        format!("a new process of `{name}` did not take over within {within} and was stopped; the one before goes on. {said}"),
    )
    .hint("see that the program can be run (`sternway --version`), then repeat the command")
    .into()
}

pub(super) fn cannot_become(program: &Path, why: &str) -> Box<Finding> {
    Finding::error("S0322", "agent", format!("the agent goes on as it is: {} cannot be run: {why}", program.display()))
        .hint("see that the program can be run (`sternway --version`), then repeat the command")
        .into()
}

pub(super) fn cannot_write(what: &str, error: &io::Error) -> Box<Finding> {
    let (code, hint) = if is_full(error) {
        ("S0307", "make room on the disk of the state folder, then repeat the command")
    } else {
        ("S0313", "see that the state folder can be written by the agent's user, then repeat the command")
    };
    Finding::error(code, what, format!("{what} cannot be written: {error}")).hint(hint).into()
}

pub(super) fn no_shim(what: &str, error: &io::Error) -> Box<Finding> {
    Finding::error("S0314", what, format!("{what} cannot be started: its shim did not start: {error}"))
        .hint("see that the program that runs as agent is still in its place and that the limit of processes (`ulimit -u`) is not reached, then repeat the command")
    .into()
}

/// What the store said about a release: a full disk, or a release that is not there or not as it was sealed.
pub(super) fn store(release: &ReleaseRef, doing: &str, error: &StoreError) -> Box<Finding> {
    let code = match error {
        StoreError::NoSpace { .. } => "S0307",
        StoreError::Io { source, .. } if is_full(source) => "S0307",
        _ => "S0315",
    };
    let message = format!("release {} cannot be {doing}: {}", release.number, chain(error));
    Finding::error(code, format!("release {}", release.number), message).hint(error.hint()).into()
}

pub(super) fn not_understood(line: usize, column: usize) -> Box<Finding> {
    Finding::error("S0316", "request", format!("the request is not understood at line {line}, column {column}"))
        .hint("the agent may be of an earlier version: `sternway status` shows it; restart the agent, which leaves the services running")
    .into()
}

pub(super) fn another_logbook(seq: u64) -> Box<Finding> {
    Finding::error(
        "S0317",
        "logbook",
        format!("entry {seq} of the logbook is not the one that this agent was shown before"),
    )
    .hint("`sternway log --verify` names the first entry that was altered")
    .into()
}

pub(super) fn not_known(what: &str, error: &io::Error) -> Box<Finding> {
    Finding::error("S0318", what, format!("{what} cannot be read: {error}")).into()
}

pub(super) fn no_environment(of: &ProcessRef, why: &str) -> Box<Finding> {
    let subject = match of {
        ProcessRef::Instance(id) => id.to_string(),
        ProcessRef::PidFile(path) => path.display().to_string(),
        ProcessRef::Unit(unit) => unit.clone(),
    };
    Finding::error("S0318", subject, format!("the environment of this process cannot be told: {why}")).into()
}

pub(super) fn not_proven(why: &str) -> Box<Finding> {
    Finding::error("S0323", "proof", format!("nothing was proven: {why}")).into()
}

pub(super) fn panicked(release: ReleaseNumber) -> Box<Finding> {
    Finding::error(
        "S0319",
        format!("release {release}"),
        "a thread of the agent failed, which is a fault of Sternway; nothing that it started runs",
    )
    .hint("repeat the command, and report it")
    .into()
}

/// An error with all its causes, in one line.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
