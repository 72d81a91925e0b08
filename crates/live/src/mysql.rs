//! MySQL and MariaDB, read-only: which server and which database.

use std::io;

use mysql::prelude::Queryable as _;
use mysql::{Conn, Error, OptsBuilder};
use sternway_config::stores::{Connection, Part, Remark};

use crate::Limits;
use crate::ask::{Identity, Proven};
use crate::failing::Failing;
use crate::reach;
use crate::target::{At, needs_tls, not_over_tls, places, text};

pub(crate) fn ask(connection: &Connection, limits: &Limits) -> Result<Proven, Failing> {
    if needs_tls(connection) {
        return Err(not_over_tls());
    }
    let Some(user) = text(&connection.user, "user")? else {
        return Err(Failing::unknown("its user is that of the operating system"));
    };
    let database = match &connection.namespace.database {
        Part::Unknown => return Err(Failing::unknown("its database cannot be told from the text alone")),
        part => part.value().cloned(),
    };
    let limit = Some(limits.whole);
    // Without `prefer_socket(false)` the client asks a local server for its socket and goes there instead.
    let options = OptsBuilder::new().prefer_socket(false).tcp_connect_timeout(Some(limits.connect));
    let options = options.read_timeout(limit).write_timeout(limit).user(Some(user)).db_name(database);
    let options = options.pass(text(&connection.password, "password")?);
    let mut unreached = Failing::unknown("it leads nowhere");
    for place in places(connection)? {
        match at(options.clone(), &place, limits) {
            Ok(options) => return identify(options, limits),
            Err(Failing::Unreached(_)) if connection.remarks.contains(&Remark::LocalhostMayBeSocket) => {
                unreached = Failing::unknown("nothing answers by TCP, and `localhost` may mean a socket to its client");
            }
            Err(failing) => unreached = failing,
        }
    }
    Err(unreached)
}

/// Names the place, once something is known to accept connections there.
fn at(options: OptsBuilder, place: &At, limits: &Limits) -> Result<OptsBuilder, Failing> {
    match place {
        At::Tcp(host, port) => {
            let (_, address) = reach::tcp(host, *port, limits)?;
            Ok(options.ip_or_hostname(Some(address.ip().to_string())).tcp_port(*port))
        }
        At::Socket(path) => {
            reach::connect(place, limits)?;
            Ok(options.socket(Some(path.as_str())))
        }
    }
}

fn identify(options: OptsBuilder, limits: &Limits) -> Result<Proven, Failing> {
    let mut connection = Conn::new(options).map_err(|error| failing(&error, limits))?;
    let mut first = |question: &str| connection.query_first::<Option<String>, _>(question).ok().flatten().flatten();
    let database = first("SELECT DATABASE()").unwrap_or_default();
    // MySQL's name for it, and MariaDB's.
    let server = first("SELECT @@server_uuid").or_else(|| first("SELECT @@server_uid"));
    Ok(match server {
        Some(server) => Proven { identity: Some(Identity::of("mysql", &[&server, &database])), lacking: None },
        None => Proven { identity: None, lacking: Some("the server does not say which it is") },
    })
}

fn failing(error: &Error, limits: &Limits) -> Failing {
    match error {
        // Numbers of <https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html>.
        Error::MySqlError(error) => match error.code {
            1045 | 1698 => Failing::Refused("the server does not take this user and password"),
            1130 => Failing::Refused("the server does not take connections from here"),
            1044 => Failing::Database("this user may not use the database"),
            1049 => Failing::Database("the server has no database of this name"),
            1040 | 1203 => Failing::unknown("the server has no connection left"),
            3159 => not_over_tls(),
            _ => Failing::unknown("the server refuses the connection, for a reason that is not known"),
        },
        Error::IoError(error) if late(error) => Failing::silent(limits.whole),
        Error::CodecError(error) if late(error) => Failing::silent(limits.whole),
        Error::IoError(_) | Error::CodecError(_) => Failing::Strange("what answers does not speak as MySQL does"),
        _ => Failing::unknown("the client cannot speak as this server wants it"),
    }
}

/// Whether a wait that reached its limit is behind it.
fn late(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|cause| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        matches!(kind, Some(io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut))
    })
}
