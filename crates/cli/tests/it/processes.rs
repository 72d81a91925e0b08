//! The process table: who still runs, and how to end it.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

/// A running process.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) words: String,
}

/// Every process that names the folder in its command line or stands in it. Zombies hold nothing and are left out.
pub(crate) fn of_folder(folder: &Path) -> Vec<Process> {
    let own = std::process::id();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| {
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let line = fs::read(entry.path().join("cmdline")).ok()?;
            let words = String::from_utf8_lossy(&line).replace('\0', " ");
            let stands = fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder));
            let name = folder.as_os_str().as_bytes();
            let named = line.windows(name.len()).any(|part| part == name);
            (pid != own && (stands || named)).then_some(Process { pid, words })
        })
        .collect()
}

/// `kill -9`.
pub(crate) fn kill(pid: u32) {
    signal(pid, Signal::KILL);
}

/// Sends a signal; a process that is gone is no error.
pub(crate) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _it_may_be_gone = kill_process(pid, signal);
    }
}
