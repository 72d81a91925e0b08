//! What a process carries in its environment, as the kernel has it, and how that differs from what a release was sealed with.
//!
//! `/proc/PID/environ` (proc_pid_environ(5)) holds what a process was started with; what it changed of its own memory later is not there,
//! and programs that put a title into their command line write over it. Such a block is told from a whole one, and nothing is concluded from it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sternway_command::{Keep, Limits, run};

use crate::folder::Variables;
use crate::process::{MARKER, Process, children, program};
use crate::protocol::{Altered, Carried, ProcessRef};

/// No environment is longer: the kernel gives a new process at most three quarters of 8 MiB for arguments and environment together
/// (execve(2), "Limits on size of arguments and environment").
const LONGEST: u64 = 8 << 20;

/// How far down a service's own process may be below the shell that was started for it.
const DEEPEST: u32 = 8;

/// How long systemd may take to name a unit's process.
const SYSTEMD: Duration = Duration::from_secs(5);

/// What every process of the agent's carries beside its release's configuration, or a shell sets by itself.
const NOT_CONFIGURED: [&str; 13] = [
    "PATH",
    "HOME",
    "LANG",
    "TZ",
    "PORT",
    "STERNWAY_RELEASE",
    "STERNWAY_ENVIRONMENT",
    "STERNWAY_SERVICE",
    MARKER,
    "PWD",
    "OLDPWD",
    "SHLVL",
    "_",
];

/// The environment of a process that is none of the agent's. Errors are words for people, without a value.
pub fn of_other(which: &ProcessRef) -> Result<Carried, String> {
    let pid = match which {
        ProcessRef::PidFile(path) => pid_in(path)?,
        ProcessRef::Unit(unit) => main_pid(unit)?,
        ProcessRef::Instance(id) => return Err(format!("{id} is known to the agent alone")),
    };
    let process = Process::of(pid).ok_or_else(|| format!("process {pid} does not run"))?;
    let (carries, overwritten) = read(&process)?;
    Ok(Carried { pid, carries, altered: BTreeMap::new(), overwritten })
}

/// The environment of an instance's own process: not of the shell that was started for it, when that waits for the service.
pub(crate) fn of_instance(
    child: &Process,
    sealed: &BTreeMap<String, String>,
    given: &Variables,
) -> Result<Carried, String> {
    let own = own(child);
    // It may have ended a moment ago, as what a script starts does.
    let (process, (carries, overwritten)) = match read(&own) {
        Ok(read) => (own, read),
        Err(_) => (child.clone(), read(child)?),
    };
    // Every process of ours carries this; one that does not was started with another environment, or has none any more.
    let overwritten = overwritten || !carries.0.contains_key(MARKER);
    let altered = if overwritten { BTreeMap::new() } else { altered(sealed, given, &carries) };
    Ok(Carried { pid: process.pid, carries, altered, overwritten })
}

/// Goes from shells to the one process that they wait for.
fn own(child: &Process) -> Process {
    let mut own = child.clone();
    for _ in 0..DEEPEST {
        if !is_shell(&own) {
            break;
        }
        match children(own.pid).as_slice() {
            [only] => own = only.clone(),
            _ => break,
        }
    }
    own
}

fn is_shell(process: &Process) -> bool {
    let name = program(process.pid).and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
    name.is_some_and(|name| matches!(name.as_str(), "sh" | "dash" | "bash" | "ash" | "busybox" | "ksh" | "zsh"))
}

fn read(process: &Process) -> Result<(Variables, bool), String> {
    let pid = process.pid;
    let bytes = block(pid).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("process {pid} has ended"),
        kind => format!("the environment of process {pid} cannot be read: {kind}"),
    })?;
    // Another one may have its number by now.
    if !process.alive() {
        return Err(format!("process {pid} has ended"));
    }
    Ok(parse(&bytes))
}

fn block(pid: u32) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(format!("/proc/{pid}/environ"))?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `NAME=value`, each ended by a NUL. Whether it is no such list any more.
fn parse(bytes: &[u8]) -> (Variables, bool) {
    let mut variables = BTreeMap::new();
    let mut overwritten = bytes.last().is_some_and(|last| *last != 0);
    for entry in bytes.strip_suffix(b"\0").unwrap_or(bytes).split(|byte| *byte == 0) {
        match String::from_utf8_lossy(entry).split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                // Of two with one name the first is what getenv(3) finds.
                variables.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
            _ => overwritten |= !bytes.is_empty(),
        }
    }
    (Variables(variables), overwritten)
}

/// How what a process carries differs from what its release was sealed with, by key.
fn altered(sealed: &BTreeMap<String, String>, given: &Variables, carries: &Variables) -> BTreeMap<String, Altered> {
    let mut altered = BTreeMap::new();
    for (key, value) in sealed {
        let how = match (given.0.get(key), carries.0.get(key)) {
            (given, _) if given != Some(value) => Altered::Given,
            (_, None) => Altered::Lost,
            (_, Some(carried)) if carried != value => Altered::Changed,
            _ => continue,
        };
        altered.insert(key.clone(), how);
    }
    let more = carries.0.keys().filter(|key| !sealed.contains_key(*key) && !NOT_CONFIGURED.contains(&key.as_str()));
    altered.extend(more.map(|key| (key.clone(), Altered::Added)));
    altered
}

/// The first line of a file, as daemons write it.
fn pid_in(path: &Path) -> Result<u32, String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(64).read_to_string(&mut text));
    read.map_err(|error| format!("its file cannot be read: {}", error.kind()))?;
    let first = text.lines().next().unwrap_or_default().trim();
    first.parse().map_err(|_| "its file holds no process id".to_owned())
}

/// What systemd calls a unit's main process.
fn main_pid(unit: &str) -> Result<u32, String> {
    let mut command = Command::new("systemctl");
    command.args(["show", "--property=LoadState,MainPID", "--", unit]);
    let limits = Limits { within: SYSTEMD, keep: Keep::All(4096), errors: false, input: None };
    let ended = run(command, &limits).map_err(|failed| format!("systemd cannot be asked: {failed}"))?;
    if !ended.status.success() {
        return Err(format!("systemd does not answer: {}", sternway_command::words(ended.status)));
    }
    named_by_systemd(&String::from_utf8_lossy(&ended.output.unwrap_or_default()))
}

/// Properties as `systemctl show` prints them; a unit that does not run has `MainPID=0`.
fn named_by_systemd(text: &str) -> Result<u32, String> {
    let property = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    match (property("LoadState"), property("MainPID").and_then(|pid| pid.trim().parse().ok())) {
        (Some("not-found"), _) => Err("systemd has no such unit".to_owned()),
        (_, Some(0)) => Err("the unit does not run, or has no main process".to_owned()),
        (_, Some(pid)) => Ok(pid),
        (_, None) => Err("systemd names no process".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn a_whole_block_is_told_from_one_that_was_written_over() {
        assert_eq!(
            parse(b"A=1\0B=x=y\0A=2\0C=\0"),
            (Variables(variables(&[("A", "1"), ("B", "x=y"), ("C", "")])), false)
        );
        assert_eq!(parse(b""), (Variables::default(), false));
        for over in [&b"nginx: master process\0\0\0\0"[..], b"A=1\0\0\0", b"A=1\0B=cu", b"=x\0"] {
            assert!(parse(over).1, "{over:?}");
        }
    }

    #[test]
    fn each_way_to_differ_has_its_name() {
        let sealed = variables(&[("A", "1"), ("B", "1"), ("C", "1"), ("D", "1"), ("E", "1")]);
        let given = Variables(variables(&[("A", "1"), ("B", "2"), ("D", "1"), ("E", "1"), ("PORT", "1")]));
        let carries =
            Variables(variables(&[("A", "1"), ("B", "2"), ("C", "1"), ("D", "2"), ("PORT", "1"), ("X", "1")]));
        let expected = [
            ("B", Altered::Given),
            ("C", Altered::Given),
            ("D", Altered::Changed),
            ("E", Altered::Lost),
            ("X", Altered::Added),
        ];
        let expected = expected.map(|(key, how)| (key.to_owned(), how)).into();
        assert_eq!(altered(&sealed, &given, &carries), expected);
    }

    #[test]
    fn systemds_words_are_read() {
        assert_eq!(named_by_systemd("MainPID=812\nLoadState=loaded\n"), Ok(812));
        for text in ["MainPID=0\nLoadState=loaded\n", "MainPID=0\nLoadState=not-found\n", "", "MainPID=x\n"] {
            assert!(named_by_systemd(text).is_err(), "{text}");
        }
    }
}
