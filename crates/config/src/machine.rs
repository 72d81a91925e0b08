//! What sources ask of the machine beside files. This crate runs nothing and looks at no process: whoever wires the parts together fills
//! the port.

use std::sync::Arc;

use crate::secret::SecretText;

/// The port.
pub trait Machine {
    /// What a shell command prints that is run in the folder of sternway.toml; at most [`LARGEST_OUTPUT`] bytes. Asked for the same again
    /// in one look at a project, it answers the same. `Err` says why there is nothing, and holds no word of what was printed.
    fn command(&self, line: &str) -> Result<Arc<Vec<u8>>, String>;

    /// What a running process has in its environment. `Err` says why that cannot be told.
    fn process(&self, which: Which<'_>) -> Result<Running, String>;
}

/// As much of a command's output is taken, in bytes.
pub const LARGEST_OUTPUT: usize = crate::formats::LARGEST;

/// Which process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    /// That of a service of the environment whose sources are read, of the release that serves.
    Service(&'a str),
    /// The one whose process id stands in this file.
    PidFile(&'a str),
    /// The main process of this systemd unit.
    Unit(&'a str),
}

/// The environment of a process that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Which process that was, for people: `process 812 of web, release 12`.
    pub name: String,
    /// All of its variables.
    pub variables: Vec<(String, SecretText)>,
}

/// A machine of which nothing is asked.
#[derive(Debug, Clone, Copy)]
pub struct Closed;

const CLOSED: &str = "nothing but files is read here";

impl Machine for Closed {
    fn command(&self, _line: &str) -> Result<Arc<Vec<u8>>, String> {
        Err(CLOSED.to_owned())
    }

    fn process(&self, _which: Which<'_>) -> Result<Running, String> {
        Err(CLOSED.to_owned())
    }
}
