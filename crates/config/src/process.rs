//! The environment of a running process as a source: what an instance of a service really has, or what a service outside of Sternway was
//! started with.

use sternway_core::finding::{Finding, Place};
use sternway_core::project::{Lies, source_kind};

use crate::machine::Which;
use crate::source::{Assignment, Read, Site, Source, Template, is_key};

/// What is made for each start of a process anew, or is of the machine and its users: no configuration. Sternway's own, a shell's, a login's,
/// and systemd's (systemd.exec(5), "Environment Variables in Spawned Processes").
const OF_THE_START: &[&str] = &[
    "PORT",
    "_",
    "PWD",
    "OLDPWD",
    "SHLVL",
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "MAIL",
    "LANG",
    "XDG_RUNTIME_DIR",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "SYSTEMD_EXEC_PID",
    "NOTIFY_SOCKET",
    "LISTEN_FDS",
    "LISTEN_PID",
    "LISTEN_FDNAMES",
    "FDSTORE",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
    "MAINPID",
    "MANAGERPID",
    "PIDFILE",
    "REMOTE_ADDR",
    "REMOTE_PORT",
    "CREDENTIALS_DIRECTORY",
    "RUNTIME_DIRECTORY",
    "STATE_DIRECTORY",
    "CACHE_DIRECTORY",
    "LOGS_DIRECTORY",
    "CONFIGURATION_DIRECTORY",
    "MEMORY_PRESSURE_WATCH",
    "MEMORY_PRESSURE_WRITE",
];

fn is_of_the_start(key: &str) -> bool {
    OF_THE_START.contains(&key) || key.starts_with("STERNWAY_") || key.starts_with("LC_")
}

/// A process's environment.
#[derive(Debug)]
pub struct ProcessSource<'a> {
    /// Its kind's name: how the process is named.
    pub kind: &'a str,
    /// The service, the file or the unit.
    pub named: &'a str,
    /// Where sternway.toml names it.
    pub place: &'a Place,
}

impl<'a> ProcessSource<'a> {
    /// Whether sources of this kind are processes.
    pub fn is(kind: &str) -> bool {
        source_kind(kind).is_some_and(|kind| kind.lies == Lies::InProcess)
    }

    fn which(&self) -> Option<Which<'a>> {
        match self.kind {
            "process" => Some(Which::Service(self.named)),
            "process-pid-file" => Some(Which::PidFile(self.named)),
            "process-unit" => Some(Which::Unit(self.named)),
            _ => None,
        }
    }
}

impl Source for ProcessSource<'_> {
    fn layer(&self) -> String {
        format!("{}:{}", self.kind, self.named)
    }

    fn read(&self, site: &Site<'_>) -> Read {
        let found = match self.which() {
            Some(which) => site.machine.process(which),
            None => Err("this is no kind of process".to_owned()),
        };
        let found = match found {
            Ok(found) => found,
            Err(why) => {
                let Place { file, line, column } = self.place;
                let message = format!("the environment of the running process cannot be told: {why}");
                let finding = Finding::error("S0242", self.layer(), message).at(file, *line, *column);
                let hint = "see whether it runs on this machine, and whether who types this may look at it";
                return Read { findings: vec![finding.hint(hint)], ..Read::default() };
            }
        };
        // Where a value stands does not change with each restart; which process it was is the layer's name.
        let place = || Place { file: self.layer(), line: 0, column: 0 };
        let assigned = |(key, value): (String, crate::SecretText)| Assignment {
            key,
            value: Template::text(value.reveal()),
            place: place(),
        };
        let named = found.variables.into_iter().filter(|(key, _)| is_key(key) && !is_of_the_start(key));
        Read { assignments: named.map(assigned).collect(), layer: Some(found.name), ..Read::default() }
    }
}
