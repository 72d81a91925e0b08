//! One connection: what its server says of it.

use std::fmt;

use sternway_config::stores::{Connection, Kind};

use crate::failing::Failing;
use crate::target::places;
use crate::{Limits, http, mysql, postgres, reach, redis, sqlite};

/// Which server, and what within it, as it says itself. Compared, and never printed: it would tell hosts apart for whoever reads.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Server and namespace.
    words: Vec<String>,
}

impl Identity {
    pub(crate) fn of(kind: &str, words: &[&str]) -> Self {
        Self { words: [kind].iter().chain(words).map(|word| (*word).to_owned()).collect() }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(***)")
    }
}

/// What was proven of a connection: it is reachable, and where the kind has logins and databases, both are taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proven {
    /// Which server it is, where it says so.
    pub identity: Option<Identity>,
    /// What was not proven, though the rest was.
    pub lacking: Option<&'static str>,
}

/// Asks the server of a connection. Blocks for about the limits' time at most.
pub fn ask(connection: &Connection, limits: &Limits) -> Result<Proven, Failing> {
    match connection.kind {
        Kind::Redis => of_redis(connection, limits),
        Kind::Sqlite => sqlite::ask(connection),
        Kind::Postgres => postgres::ask(connection, limits),
        Kind::Mysql => mysql::ask(connection, limits),
        Kind::Http => http::ask(connection, limits),
        _ => reachable(connection, limits),
    }
}

fn of_redis(connection: &Connection, limits: &Limits) -> Result<Proven, Failing> {
    let places = places(connection)?;
    let mut identity = None;
    let mut lacking = None;
    for place in &places {
        let mut client = redis::connect_to(connection, place, limits)?;
        match client.server()? {
            Some(server) => identity = Some(Identity::of("redis", &[&server.run_id, &client.database])),
            None => lacking = Some("this user may not ask which server it is"),
        }
    }
    // Of several, which one a key is on is not known here.
    let identity = if places.len() == 1 { identity } else { None };
    Ok(Proven { identity, lacking })
}

/// What has no client here: that something accepts a connection.
fn reachable(connection: &Connection, limits: &Limits) -> Result<Proven, Failing> {
    for place in places(connection)? {
        reach::connect(&place, limits)?;
    }
    Ok(Proven { identity: None, lacking: Some("it accepts connections; login and database are not asked for") })
}
