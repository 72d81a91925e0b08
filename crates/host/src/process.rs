//! Processes, named so that a reused process id is never taken for the one that was meant.
//!
//! Facts are read from `/proc/<pid>/stat` (proc_pid_stat(5)); signals go through a pidfd (pidfd_open(2)), opened first and compared
//! with the start time afterwards, so that nothing can change in between.

use std::collections::BTreeMap;
use std::fs;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, kill_process, pidfd_open, pidfd_send_signal, waitpid};
use serde::{Deserialize, Serialize};

/// The environment variable by which a service's processes are found after their shim was killed: its value is their folder. Agents
/// and shims carry another value, [`NOBODYS`]: whoever starts them does not own them.
pub const MARKER: &str = "STERNWAY_INSTANCE";

/// The value of [`MARKER`] for an agent and for shims. An agent that died may be brought back by one of its own kept parts, and is then
/// a descendant of that part's shim, with everything that it starts; the end of that part must not be theirs.
pub const NOBODYS: &str = "none";

/// One process of one boot of this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// When it started, in clock ticks since the machine booted.
    pub start: u64,
    /// Which boot that was, as in `/proc/sys/kernel/random/boot_id`.
    pub boot: String,
}

impl Process {
    /// The process that has this id now; `None` when there is none or it is dead and not yet reaped.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        stat(pid).filter(|stat| !stat.dead()).map(|stat| stat.process())
    }

    /// This process.
    pub(crate) fn current() -> Option<Self> {
        Self::of(std::process::id())
    }

    /// Whether it still runs.
    pub(crate) fn alive(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }

    /// A handle that stays with this very process; `None` when it is gone.
    fn handle(&self) -> Result<Option<OwnedFd>, Errno> {
        let handle = pidfd_open(self.id()?, PidfdFlags::empty());
        match handle {
            Ok(handle) => Ok(self.alive().then_some(handle)),
            Err(Errno::SRCH) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn id(&self) -> Result<Pid, Errno> {
        i32::try_from(self.pid).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH)
    }

    /// Sends a signal, unless the process is gone.
    pub(crate) fn signal(&self, signal: Signal) {
        // It may end between the two calls, which is what most signals are for.
        let _gone = match self.handle() {
            Ok(Some(handle)) => pidfd_send_signal(handle, signal),
            // A container's filter of system calls may forbid pidfd: then the old way, a moment after looking.
            Err(_) if self.alive() => self.id().and_then(|pid| kill_process(pid, signal)),
            Ok(None) | Err(_) => Ok(()),
        };
    }

    /// Lets the kernel forget it, when it has ended and is a child of this process that nobody waits for: a shim that the agent started
    /// before it became another program.
    pub(crate) fn reap(&self) {
        let Ok(id) = self.id() else { return };
        let began = Instant::now();
        // Mostly it is somebody else's child, or nobody's. One of ours whose threads are still ending is not there to be waited for yet.
        while !self.alive()
            && matches!(waitpid(Some(id), WaitOptions::NOHANG), Ok(None))
            && began.elapsed() < KILL_LIMIT
        {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until the process ends, at most this long. Answers whether it has ended.
    pub(crate) fn wait(&self, at_most: Duration) -> bool {
        match self.handle() {
            Ok(Some(handle)) => {
                let timeout = Timespec {
                    tv_sec: i64::try_from(at_most.as_secs()).unwrap_or(i64::MAX),
                    tv_nsec: i64::from(at_most.subsec_nanos()),
                };
                let _interrupted = poll(&mut [PollFd::from_borrowed_fd(handle.as_fd(), PollFlags::IN)], Some(&timeout));
            }
            Ok(None) => return true,
            Err(_) => thread::sleep(at_most.min(Duration::from_millis(20))),
        }
        !self.alive()
    }
}

/// What of `/proc/<pid>/stat` is of use here.
struct Stat {
    pid: u32,
    state: char,
    parent: u32,
    group: u32,
    session: u32,
    start: u64,
}

impl Stat {
    fn dead(&self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x')
    }

    fn process(&self) -> Process {
        Process { pid: self.pid, start: self.start, boot: boot().to_owned() }
    }
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    parse_stat(pid, &String::from_utf8_lossy(&text))
}

fn parse_stat(pid: u32, text: &str) -> Option<Stat> {
    // The command's name is in parentheses and may itself hold spaces and parentheses: count from the last one.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    Some(Stat {
        pid,
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        start: fields.get(19)?.parse().ok()?,
    })
}

fn boot() -> &'static str {
    static BOOT: OnceLock<String> = OnceLock::new();
    BOOT.get_or_init(|| {
        fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
    })
}

fn all() -> Vec<Stat> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(stat)
        .filter(|stat| !stat.dead())
        .collect()
}

/// The living children of a process.
pub(crate) fn children(parent: u32) -> Vec<Process> {
    all().into_iter().filter(|stat| stat.parent == parent).map(|stat| stat.process()).collect()
}

/// The file that a process runs; `None` where that may not be known.
pub(crate) fn program(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/exe")).ok()
}

/// All living descendants of a process, without those that are [`NOBODYS`] and what they started. With the ancestor as subreaper
/// (prctl(2), `PR_SET_CHILD_SUBREAPER`) this finds daemons too, also those of another shim that died; `marker` tells them from its own.
pub(crate) fn descendants(ancestor: u32, marker: &str) -> Vec<Process> {
    let mut children: BTreeMap<u32, Vec<Stat>> = BTreeMap::new();
    for stat in all() {
        children.entry(stat.parent).or_default().push(stat);
    }
    let mut found = Vec::new();
    let mut next = vec![ancestor];
    while let Some(parent) = next.pop() {
        for stat in children.remove(&parent).unwrap_or_default() {
            if variable(stat.pid, MARKER).is_some_and(|carried| carried != marker.as_bytes()) {
                continue;
            }
            next.push(stat.pid);
            found.push(stat.process());
        }
    }
    found
}

/// What a killed shim left behind: processes that carry its marker in their environment, or are of its session.
pub(crate) fn strays(marker: &str, shim: Option<&Process>) -> Vec<Process> {
    // A session's number is not given to another process while the session has members; that some other process has it now means
    // that the session is gone.
    let session = shim.filter(|shim| shim.boot == boot() && stat(shim.pid).is_none_or(|stat| stat.start == shim.start));
    all()
        .into_iter()
        .filter(|stat| {
            session.is_some_and(|shim| stat.session == shim.pid && stat.start >= shim.start && stat.pid != shim.pid)
                || variable(stat.pid, MARKER).is_some_and(|carried| carried == marker.as_bytes())
        })
        .map(|stat| stat.process())
        .collect()
}

/// A variable of a process's environment, as it was when the process was started.
fn variable(pid: u32, name: &str) -> Option<Vec<u8>> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let mut all = environment.split(|byte| *byte == 0);
    all.find_map(|entry| entry.strip_prefix(name.as_bytes())?.strip_prefix(b"=").map(<[u8]>::to_vec))
}

/// How long processes that were sent SIGKILL may take to be gone (uninterruptible sleep).
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// Ends all processes that `find` finds: SIGTERM to those that are there now, but not again to a process group that was told
/// already, then SIGKILL after the grace to all, also to those that appeared meanwhile. What appears during the grace is not told,
/// since it may be somebody's way of ending well. Answers with those that are still there.
pub(crate) fn end_all(find: impl Fn() -> Vec<Process>, told: Option<u32>, grace: Duration) -> Vec<Process> {
    let began = Instant::now();
    let group = |process: &Process| stat(process.pid).map(|stat| stat.group);
    for process in find() {
        if told.is_none() || group(&process) != told {
            process.signal(Signal::TERM);
        }
    }
    let mut pause = Duration::from_millis(2);
    loop {
        let found = find();
        if found.is_empty() || began.elapsed() >= grace + KILL_LIMIT {
            return found;
        }
        if began.elapsed() >= grace {
            for process in &found {
                process.signal(Signal::KILL);
            }
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_name_with_parentheses_does_not_shift_the_fields() {
        let rest = "S 7 8 9 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 0 0";
        let stat = parse_stat(5, &format!("5 (a) b (c)) {rest}")).unwrap();
        assert_eq!((stat.state, stat.parent, stat.session, stat.start), ('S', 7, 9, 4242));
    }

    #[test]
    fn another_process_with_the_same_id_is_not_the_same_process() {
        let this = Process::current().unwrap();
        assert!(this.alive());
        assert!(!Process { start: this.start + 1, ..this.clone() }.alive());
        assert!(!Process { boot: "another".to_owned(), ..this }.alive());
    }
}
