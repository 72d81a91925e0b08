//! MySQL and MariaDB, read-only: which server and which database.

mod login;
mod wire;

use sternway_config::stores::{Connection, Part, Remark};

use self::login::{Denied, Greeting, Login, refused};
use self::wire::{Bytes, STRANGE, Wire};
use crate::Limits;
use crate::ask::{Identity, Proven};
use crate::failing::Failing;
use crate::reach::{self, Stream};
use crate::target::{At, places, text};
use crate::tls::{self, Flaw, Secure, Way};

pub(crate) fn ask(connection: &Connection, limits: &Limits) -> Result<Proven, Failing> {
    let Some(user) = text(&connection.user, "user")? else {
        return Err(Failing::unknown("its user is that of the operating system"));
    };
    let database = match &connection.namespace.database {
        Part::Unknown => return Err(Failing::unknown("its database cannot be told from the text alone")),
        part => part.value().map(String::as_str),
    };
    let password = text(&connection.password, "password")?.unwrap_or_default();
    let login = Login { user, password, database, private: false };
    let ways = tls::ways(connection)?;
    let mut unreached = Failing::unknown("it leads nowhere");
    for place in places(connection)? {
        match one_of(connection, &place, &ways, &login, limits) {
            Ok(wire) => return identify(wire, connection),
            Err(Failing::Unreached(_)) if connection.remarks.contains(&Remark::LocalhostMayBeSocket) => {
                unreached = Failing::unknown("nothing answers by TCP, and `localhost` may mean a socket to its client");
            }
            Err(failing @ Failing::Unreached(_)) => unreached = failing,
            Err(failing) => return Err(failing),
        }
    }
    Err(unreached)
}

/// Logs in by the first of the ways that the server offers.
fn one_of(
    connection: &Connection,
    place: &At,
    ways: &[Way],
    login: &Login<'_>,
    limits: &Limits,
) -> Result<Wire, Failing> {
    let mut refused = Failing::unknown("its client takes no way to it");
    for way in ways {
        match logged_in(connection, place, *way, login, limits) {
            Ok(wire) => return Ok(wire),
            Err(Denied::Failing(failing @ Failing::Encryption(Flaw::NotOffered))) => refused = failing,
            Err(Denied::Failing(failing)) => return Err(failing),
            Err(Denied::Number(number)) => return Err(denied(number)),
        }
    }
    Err(refused)
}

fn logged_in(
    connection: &Connection,
    place: &At,
    way: Way,
    login: &Login<'_>,
    limits: &Limits,
) -> Result<Wire, Denied> {
    let mut wire = Wire::new(reach::connect(place, limits)?, limits.whole);
    let greeting = Greeting::read(&mut wire)?;
    let (Way::Encrypted(verify), At::Tcp(host, _)) = (way, place) else {
        let private = matches!(place, At::Socket(_));
        greeting.log_in(&mut wire, &Login { private, ..*login }, false)?;
        return Ok(wire);
    };
    let secure = Secure::of(connection, verify, host)?;
    greeting.ask_for_tls(&mut wire, login)?;
    let end = wire.end;
    let mut wire = wire.through(|stream| match stream {
        Stream::Tcp(stream) => tls::secured(stream, &secure, end, limits.whole),
        other => Ok(other),
    })?;
    greeting.log_in(&mut wire, &Login { private: true, ..*login }, true)?;
    Ok(wire)
}

fn identify(mut wire: Wire, connection: &Connection) -> Result<Proven, Failing> {
    let database = first(&mut wire, "SELECT DATABASE()")?.unwrap_or_default();
    // MySQL's name for it, and MariaDB's.
    let server = match first(&mut wire, "SELECT @@server_uuid")? {
        Some(server) => Some(server),
        None => first(&mut wire, "SELECT @@server_uid")?,
    };
    Ok(match server {
        Some(server) => {
            Proven { identity: Some(Identity::of("mysql", &[&server, &database])), lacking: tls::lacking(connection) }
        }
        None => Proven { identity: None, lacking: Some("the server does not say which it is") },
    })
}

/// The first column of the first row; `None` when the server does not answer that.
fn first(wire: &mut Wire, question: &str) -> Result<Option<String>, Failing> {
    /// COM_QUERY.
    const QUERY: u8 = 3;
    wire.restart();
    wire.write(&[&[QUERY], question.as_bytes()].concat())?;
    let head = wire.read()?;
    match refused(&head) {
        Ok(()) => {}
        Err(Denied::Number(_)) => return Ok(None),
        Err(Denied::Failing(failing)) => return Err(failing),
    }
    // One column, its description, an end, at most one row, an end.
    if head != [1] {
        return Err(STRANGE);
    }
    wire.read()?;
    let mut seen = None;
    for ends in [1, 2] {
        loop {
            let packet = wire.read()?;
            if packet.first() == Some(&0xfe) && packet.len() < 9 {
                break;
            }
            if ends == 1 || seen.is_some() {
                return Err(STRANGE);
            }
            let value = Bytes(&packet).text()?;
            seen = Some(value.map(|text| String::from_utf8_lossy(text).into_owned()));
        }
    }
    Ok(seen.flatten())
}

/// Numbers of <https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html>.
fn denied(number: u16) -> Failing {
    match number {
        1045 | 1698 => Failing::Refused("the server does not take this user and password"),
        1130 => Failing::Refused("the server does not take connections from here"),
        1044 => Failing::Database("this user may not use the database"),
        1049 => Failing::Database("the server has no database of this name"),
        1040 | 1203 => Failing::unknown("the server has no connection left"),
        1129 => Failing::unknown("the server takes nothing from here for now, after too many connections that broke"),
        3159 => Failing::Refused("the server takes encrypted connections only"),
        _ => Failing::unknown("the server refuses the connection, for a reason that is not known"),
    }
}
