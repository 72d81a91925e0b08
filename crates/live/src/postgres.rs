//! PostgreSQL, read-only: which cluster and which database.

use std::net::IpAddr;
use std::path::Path;

use postgres::config::SslMode;
use postgres::error::SqlState;
use postgres::{Client, Config, NoTls, SimpleQueryMessage};
use sternway_config::stores::{Connection, Part};

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
    let password = text(&connection.password, "password")?;
    let database = match &connection.namespace.database {
        Part::Given(name) | Part::Default(name) => name.as_str(),
        Part::Absent => user,
        Part::Unknown => return Err(Failing::unknown("its database cannot be told from the text alone")),
    };
    let mut config = Config::new();
    config.user(user).dbname(database).application_name("sternway").ssl_mode(SslMode::Disable);
    config.connect_timeout(limits.connect);
    if let Some(password) = password {
        config.password(password);
    }
    // Several are tried in their order.
    let mut unreached = Failing::unknown("it leads nowhere");
    for place in places(connection)? {
        let mut config = config.clone();
        match at(&mut config, &place, limits) {
            Ok(()) if shows(password.is_some(), may_encrypt(connection), config.get_hostaddrs()) => {
                return Err(Failing::unknown(
                    "the service may encrypt its login, this version does not, and sends no password to another machine in the clear",
                ));
            }
            Ok(()) => return identify(&config, connection, password.is_some()),
            Err(failing) => unreached = failing,
        }
    }
    Err(unreached)
}

/// Whether a login in the clear would show others a password that the service itself may encrypt.
fn shows(has_password: bool, may_encrypt: bool, addresses: &[IpAddr]) -> bool {
    has_password && may_encrypt && addresses.iter().any(|address| !address.is_loopback())
}

/// In the clear is tried only after encryption by libpq's own defaults.
fn may_encrypt(connection: &Connection) -> bool {
    connection.tls.value().is_none_or(|tls| *tls != sternway_config::stores::Tls::Off)
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

fn identify(config: &Config, connection: &Connection, has_password: bool) -> Result<Proven, Failing> {
    let mut client = config.connect(NoTls).map_err(|error| failing(&error, connection, has_password))?;
    let database = first(&mut client, "SELECT current_database()");
    let cluster = first(&mut client, "SELECT system_identifier FROM pg_control_system()");
    Ok(match (cluster, database) {
        (Some(cluster), Some(database)) => {
            Proven { identity: Some(Identity::of("postgres", &[&cluster, &database])), lacking: None }
        }
        _ => Proven { identity: None, lacking: Some("this user may not ask which server it is") },
    })
}

/// The first column of the first row. By the simple protocol, which poolers understand.
fn first(client: &mut Client, question: &str) -> Option<String> {
    let messages = client.simple_query(question).ok()?;
    messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    })
}

fn failing(error: &postgres::Error, connection: &Connection, has_password: bool) -> Failing {
    let Some(state) = error.code() else {
        let strange = Failing::Strange("what answers does not speak as PostgreSQL does");
        // The client's own words for it.
        let missing = !has_password
            && std::error::Error::source(error).is_some_and(|cause| cause.to_string() == "password missing");
        let unasked =
            "the server asks for a password, none is configured, and a password file of the service's user is not read";
        return if missing { Failing::unknown(unasked) } else { strange };
    };
    // A server may take a login that is encrypted and not the same in the clear.
    let may_encrypt = may_encrypt(connection);
    match state {
        state if *state == SqlState::INVALID_PASSWORD => {
            Failing::Refused("the server does not take this user and password")
        }
        state if *state == SqlState::INVALID_AUTHORIZATION_SPECIFICATION && may_encrypt => {
            Failing::unknown("the server does not take this login in the clear, and this version does not encrypt")
        }
        state if *state == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            Failing::Refused("the server does not take this user from here")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_goes_to_another_machine_in_the_clear_unless_the_service_sends_it_so() {
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([192, 0, 2, 1]));
        assert!(shows(true, true, &[there]));
        assert!(!shows(true, true, &[here]));
        assert!(!shows(true, true, &[]), "a socket");
        assert!(!shows(true, false, &[there]), "the service does so itself");
        assert!(!shows(false, true, &[there]));
    }
}
