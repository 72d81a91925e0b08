//! PostgreSQL, read-only: which cluster and which database.

mod encrypted;

use std::error::Error as _;
use std::path::Path;

use postgres::config::{SslMode, SslNegotiation};
use postgres::error::SqlState;
use postgres::{Client, Config, NoTls, SimpleQueryMessage};
use sternway_config::stores::{Connection, Part};

use crate::Limits;
use crate::ask::{Identity, Proven};
use crate::failing::Failing;
use crate::reach;
use crate::target::{At, places, text};
use crate::tls::{self, Flaw, Secure, Way};

pub(crate) fn ask(connection: &Connection, limits: &Limits) -> Result<Proven, Failing> {
    let Some(user) = text(&connection.user, "user")? else {
        return Err(Failing::unknown("its user is that of the operating system"));
    };
    let password = text(&connection.password, "password")?;
    let database = match &connection.namespace.database {
        Part::Given(name) | Part::Default(name) => name.as_str(),
        Part::Absent => user,
        Part::Unknown => return Err(Failing::unknown("its database cannot be told from the text alone")),
    };
    if connection.options.get("channel_binding").is_some_and(|mode| mode.reveal() == "require") {
        return Err(Failing::unknown(
            "its login is bound to its channel (channel_binding=require), which this version cannot",
        ));
    }
    let ways = tls::ways(connection)?;
    let mut config = Config::new();
    config.user(user).dbname(database).application_name("sternway");
    config.connect_timeout(limits.connect);
    if let Some(password) = password {
        config.password(password);
    }
    if connection.tuning.get("sslnegotiation").is_some_and(|how| how.reveal() == "direct") {
        config.ssl_negotiation(SslNegotiation::Direct);
    }
    // Several are tried in their order.
    let mut unreached = Failing::unknown("it leads nowhere");
    for place in places(connection)? {
        let mut config = config.clone();
        match at(&mut config, &place, limits) {
            Ok(()) => return one_of(&config, connection, &place, &ways),
            Err(failing) => unreached = failing,
        }
    }
    Err(unreached)
}

/// Logs in by the first of the ways that the server takes.
fn one_of(config: &Config, connection: &Connection, place: &At, ways: &[Way]) -> Result<Proven, Failing> {
    let has_password = connection.password.value().is_some();
    let mut refused = None;
    for way in ways {
        match (logged_in(config, connection, place, *way), way) {
            (Ok(client), _) => return Ok(identify(client, connection)),
            (Err(Unconnected::Failing(failing)), _) => return Err(failing),
            (Err(Unconnected::Client(error, configured)), _) => {
                // libpq goes on to the next way when the server does not take this one, or not this login by it; a wrong password ends it.
                let ends = error.code().is_some_and(|code| *code != SqlState::INVALID_AUTHORIZATION_SPECIFICATION);
                let failing = failing(&error, has_password, configured);
                if ends || matches!(failing, Failing::Strange(_)) {
                    return Err(failing);
                }
                refused = Some(failing);
            }
        }
    }
    Err(refused.unwrap_or_else(|| Failing::unknown("its client takes no way to it")))
}

/// Why there is no connection.
enum Unconnected {
    Failing(Failing),
    /// The client's word for it, and whether the authorities that it believes are configured.
    Client(postgres::Error, bool),
}

fn logged_in(config: &Config, connection: &Connection, place: &At, way: Way) -> Result<Client, Unconnected> {
    let mut config = config.clone();
    match (way, place) {
        (Way::Encrypted(verify), At::Tcp(host, _)) => {
            let secure = Secure::of(connection, verify, host).map_err(Unconnected::Failing)?;
            let configured = secure.configured;
            config.ssl_mode(SslMode::Require);
            config.connect(secure).map_err(|error| Unconnected::Client(error, configured))
        }
        // libpq encrypts nothing over a socket.
        (Way::Clear, _) | (_, At::Socket(_)) => {
            config.ssl_mode(SslMode::Disable);
            config.connect(NoTls).map_err(|error| Unconnected::Client(error, false))
        }
    }
}

/// Names the place, once something is known to accept connections there.
fn at(config: &mut Config, place: &At, limits: &Limits) -> Result<(), Failing> {
    match place {
        At::Tcp(host, port) => {
            let (_, address) = reach::tcp(host, *port, limits)?;
            config.host(host).hostaddr(address.ip()).port(*port);
        }
        At::Socket(path) => {
            reach::connect(place, limits)?;
            let path = Path::new(path);
            let port = path.file_name().and_then(|name| name.to_str()?.strip_prefix(".s.PGSQL.")?.parse().ok());
            let (Some(port), Some(folder)) = (port, path.parent()) else {
                return Err(Failing::unknown("its socket is not named as PostgreSQL names it"));
            };
            config.host_path(folder).port(port);
        }
    }
    Ok(())
}

fn identify(mut client: Client, connection: &Connection) -> Proven {
    let database = first(&mut client, "SELECT current_database()");
    let cluster = first(&mut client, "SELECT system_identifier FROM pg_control_system()");
    match (cluster, database) {
        (Some(cluster), Some(database)) => Proven {
            identity: Some(Identity::of("postgres", &[&cluster, &database])),
            lacking: tls::lacking(connection),
        },
        _ => Proven { identity: None, lacking: Some("this user may not ask which server it is") },
    }
}

/// The first column of the first row. By the simple protocol, which poolers understand.
fn first(client: &mut Client, question: &str) -> Option<String> {
    let messages = client.simple_query(question).ok()?;
    messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    })
}

fn failing(error: &postgres::Error, has_password: bool, configured: bool) -> Failing {
    let Some(state) = error.code() else {
        // The client's own words.
        let says = |words: &str| error.source().is_some_and(|cause| cause.to_string() == words);
        if says("server does not support TLS") {
            return Failing::Encryption(Flaw::NotOffered);
        }
        if !has_password && says("password missing") {
            return Failing::unknown(
                "the server asks for a password, none is configured, and a password file of the service's user is not read",
            );
        }
        let strange = Failing::Strange("what answers does not speak as PostgreSQL does");
        return tls::of_error(error, configured).unwrap_or(strange);
    };
    match state {
        state if *state == SqlState::INVALID_PASSWORD => {
            Failing::Refused("the server does not take this user and password")
        }
        state if *state == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            Failing::Refused("the server does not take this user from here, or not by this kind of connection")
        }
        state if *state == SqlState::INVALID_CATALOG_NAME => {
            Failing::Database("the server has no database of this name")
        }
        state if *state == SqlState::INSUFFICIENT_PRIVILEGE => {
            Failing::Database("this user may not connect to the database")
        }
        state if *state == SqlState::TOO_MANY_CONNECTIONS => Failing::unknown("the server has no connection left"),
        state if *state == SqlState::CANNOT_CONNECT_NOW => Failing::unknown("the server is starting or stopping"),
        _ => Failing::unknown("the server refuses the connection, for a reason that is not known"),
    }
}
