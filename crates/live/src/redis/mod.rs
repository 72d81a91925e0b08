//! Redis and its likes.

mod resp;

use sternway_config::stores::{Connection, Meaning, Part};

use self::resp::{Reply, Wire};
use crate::Limits;
use crate::failing::Failing;
use crate::reach;
use crate::target::{At, places, text};

/// A connection that is logged in and in its database.
pub(crate) struct Client {
    wire: Wire,
    /// The database's number.
    pub(crate) database: String,
}

/// Which server it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// Drawn by the server when it starts.
    pub(crate) run_id: String,
    /// Whether it has what it has from another one, a moment later.
    pub(crate) replica: bool,
}

/// Why a write was not done.
pub(crate) enum Unwritten {
    /// The server takes none.
    Refused(&'static str),
    Failing(Failing),
}

impl From<Failing> for Unwritten {
    fn from(failing: Failing) -> Self {
        Self::Failing(failing)
    }
}

/// Connects to the one place where the configuration leads.
pub(crate) fn connect(connection: &Connection, limits: &Limits) -> Result<Client, Failing> {
    let several = connection.endpoints.value().is_some_and(|endpoints| {
        endpoints.list.len() > 1 && !matches!(endpoints.meaning, Meaning::Failover | Meaning::AnyPrimary)
    });
    match places(connection)?.as_slice() {
        [] => Err(Failing::unknown("it leads nowhere")),
        [only] => connect_to(connection, only, limits),
        _ if several => Err(Failing::unknown("its keys are spread over several servers")),
        [first, ..] => connect_to(connection, first, limits),
    }
}

/// Connects to one of the places.
pub(crate) fn connect_to(connection: &Connection, at: &At, limits: &Limits) -> Result<Client, Failing> {
    let (user, password) = (text(&connection.user, "user")?, text(&connection.password, "password")?);
    let Some(database) = connection.namespace.database.value().cloned().or_else(|| {
        let absent = connection.namespace.database == Part::Absent;
        absent.then(|| "0".to_owned())
    }) else {
        return Err(Failing::unknown(
            "its database cannot be told from the text alone: name the client under `connections`",
        ));
    };
    let mut wire = Wire::new(reach::open(connection, at, limits)?, limits.whole);
    if let Some(password) = password {
        let named = matches!(connection.user, Part::Given(_)).then_some(user).flatten();
        let words: Vec<&str> = ["AUTH"].into_iter().chain(named).chain([password]).collect();
        match wire.ask(&words)? {
            Reply::Error(text) if text.contains("without any password") || text.contains("no password is set") => {
                return Err(Failing::Refused("the server has no password, and refuses the one that is configured"));
            }
            Reply::Error(_) => return Err(Failing::Refused("the server does not take this user and password")),
            _ => {}
        }
    }
    // As clients do: a connection begins in database 0.
    if database != "0"
        && let Reply::Error(text) = wire.ask(&["SELECT", &database])?
    {
        return Err(match word(&text) {
            "NOAUTH" => NO_LOGIN,
            "NOPERM" => Failing::Database("this user may not choose a database"),
            "LOADING" => loading(),
            _ => Failing::Database("the server has no database of this number"),
        });
    }
    match wire.ask(&["PING"])? {
        Reply::Error(text) => match word(&text) {
            "NOAUTH" => Err(NO_LOGIN),
            "LOADING" => Err(loading()),
            // Refused for itself, after the login was taken.
            "NOPERM" | "MASTERDOWN" => Ok(Client { wire, database }),
            "DENIED" => {
                Err(Failing::Refused("the server is in protected mode, and takes connections of its own host only"))
            }
            _ => Err(Failing::Strange("what answers does not speak as Redis does")),
        },
        _ => Ok(Client { wire, database }),
    }
}

const NO_LOGIN: Failing = Failing::Refused("the server asks for a password, and none is configured");

fn loading() -> Failing {
    Failing::unknown("the server is still loading its data")
}

/// The first word of an error, which is its code.
fn word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

impl Client {
    /// Which server it is; `None` where it does not say.
    pub(crate) fn server(&mut self) -> Result<Option<Server>, Failing> {
        let mut read = |section: &str, field: &str| -> Result<Option<String>, Failing> {
            let Reply::Bulk(bytes) = self.wire.ask(&["INFO", section])? else { return Ok(None) };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            Ok(text.lines().find_map(|line| Some(line.strip_prefix(field)?.trim().to_owned())))
        };
        let Some(run_id) = read("server", "run_id:")? else { return Ok(None) };
        let replica = read("replication", "role:")?.is_some_and(|role| role == "slave");
        Ok(Some(Server { run_id, replica }))
    }

    /// Writes a key that is not there, for half a minute.
    pub(crate) fn write(&mut self, key: &str, nonce: &str) -> Result<(), Unwritten> {
        match self.wire.ask(&["SET", key, nonce, "NX", "EX", "30"])? {
            Reply::Simple(_) => Ok(()),
            Reply::Error(text) => Err(match word(&text) {
                "READONLY" => Unwritten::Refused("the server is a replica, and takes no writes"),
                "OOM" => Unwritten::Refused("the server's memory is full, and it takes no writes"),
                "MISCONF" => Unwritten::Refused("the server cannot save to its disk, and takes no writes"),
                "NOREPLICAS" => Unwritten::Refused("the server misses its replicas, and takes no writes"),
                "NOPERM" => Unwritten::Refused("this user may not write such keys"),
                "MOVED" | "ASK" | "CLUSTERDOWN" => {
                    Unwritten::Failing(Failing::unknown("its keys are spread over a cluster"))
                }
                _ => {
                    Unwritten::Failing(Failing::unknown("the server refuses the write, for a reason that is not known"))
                }
            }),
            Reply::Nil | Reply::Bulk(_) => Err(Unwritten::Failing(Failing::unknown(
                "the proof's key was there before, which chance does not explain",
            ))),
        }
    }

    /// What is at a key.
    pub(crate) fn read(&mut self, key: &str) -> Result<Option<Vec<u8>>, Failing> {
        match self.wire.ask(&["GET", key])? {
            Reply::Bulk(bytes) => Ok(Some(bytes)),
            Reply::Nil | Reply::Simple(_) => Ok(None),
            Reply::Error(text) => Err(match word(&text) {
                "NOPERM" => Failing::Refused("this user may not read the other's keys"),
                "MOVED" | "ASK" | "CLUSTERDOWN" => Failing::unknown("its keys are spread over a cluster"),
                _ => Failing::unknown("the server refuses the reading, for a reason that is not known"),
            }),
        }
    }

    /// Deletes a key, within a limit of its own.
    pub(crate) fn delete(&mut self, key: &str, limits: &Limits) -> bool {
        self.wire.renew(limits.connect);
        matches!(self.wire.ask(&["DEL", key]), Ok(Reply::Simple(_)))
    }
}
