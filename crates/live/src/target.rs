//! Where and as whom, as far as the configuration leaves no doubt.

use std::time::Duration;

use sternway_config::SecretText;
use sternway_config::stores::{Connection, Endpoint, Meaning, Part};

use crate::failing::Failing;

/// A place that can be connected to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum At {
    Tcp(String, u16),
    Socket(String),
}

/// The one place where a connection leads. Where several stand, each of them is asked by itself.
pub(crate) fn places(connection: &Connection) -> Result<Vec<At>, Failing> {
    let Some(endpoints) = connection.endpoints.value() else {
        return Err(Failing::unknown(
            "where it leads cannot be told from the text alone: name the client under `connections`",
        ));
    };
    if endpoints.meaning == Meaning::Sentinels {
        return Err(Failing::unknown("where it leads is known to the watchers (Sentinel), which are not asked"));
    }
    endpoints.list.iter().map(place).collect()
}

fn place(endpoint: &Endpoint) -> Result<At, Failing> {
    match endpoint {
        Endpoint::Tcp { host, port } => match port.value() {
            Some(port) => Ok(At::Tcp(host.as_str().to_owned(), *port)),
            None => Err(Failing::unknown("its port cannot be told from the text alone")),
        },
        Endpoint::Socket(path) => Ok(At::Socket(path.clone())),
        Endpoint::DefaultSocket(_) => Err(Failing::unknown("it leads to the socket that the client was compiled for")),
        Endpoint::Srv(_) => Err(Failing::unknown("where it leads is known to a name service's SRV records")),
        Endpoint::Memory => Err(Failing::unknown("it is in the memory of the process")),
        Endpoint::File(_) | Endpoint::Instance { .. } | Endpoint::LocalDb(_) | Endpoint::Pipe(_) => {
            Err(Failing::unknown("it leads to a place that cannot be connected to from here"))
        }
    }
}

/// The text of a component, if there is one.
pub(crate) fn text<'a>(part: &'a Part<SecretText>, what: &str) -> Result<Option<&'a str>, Failing> {
    match part {
        Part::Given(text) | Part::Default(text) => Ok(Some(text.reveal())),
        Part::Absent => Ok(None),
        Part::Unknown => Err(Failing::unknown(format!(
            "the {what} cannot be told from the text alone: name the client under `connections`"
        ))),
    }
}

/// What is left of a limit; never zero, which sockets take for no limit.
pub(crate) fn left(end: std::time::Instant) -> Option<Duration> {
    let left = end.saturating_duration_since(std::time::Instant::now());
    if left.is_zero() { None } else { Some(left) }
}
