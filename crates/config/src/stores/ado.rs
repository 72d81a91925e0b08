//! Npgsql and MySqlConnector.

use super::connection::Tls;
use super::connection::{Connection, Kind};
use super::endpoint::{Endpoint, Endpoints, Host, Meaning, Why, read_port, split_host_port, tidy_path};
use super::keywords::pairs;
use super::mysql;
use super::part::Part;
use super::remark::Remark;
use super::settings::Settings;
use crate::secret::SecretText;

/// Reads Npgsql's pairs: NpgsqlConnectionStringBuilder 8 with its synonyms. Host may be a list with ports; a path is a folder of sockets.
/// SSL Mode is Prefer by default; the database is the user's name.
pub(super) fn parse_npgsql(text: &str) -> Result<Connection, Why> {
    let mut settings = pairs(text)?;
    let contradicts = settings.contradict();
    let hosts = settings.take_filled(&["host", "server"]).ok_or("it names no host")?;
    let port = settings.take_filled(&["port"]).map(|text| read_port(&text)).transpose()?;
    let list = list(&hosts, port, 5432, |path, port| format!("{path}/.s.PGSQL.{port}"))?;
    let balanced = settings.take_filled(&["Load Balance Hosts"]).is_some_and(|said| said.eq_ignore_ascii_case("true"));
    let primary = settings
        .take_filled(&["Target Session Attributes"])
        .is_some_and(|said| matches!(said.to_ascii_lowercase().as_str(), "primary" | "read-write"));
    let meaning = if balanced || primary { Meaning::AnyPrimary } else { Meaning::Failover };
    let mut made = Connection::new(Kind::Postgres, Part::Given(Endpoints { list, meaning }));
    let user = settings.take_filled(&["username", "user name", "user id", "userid", "uid", "user"]);
    let database = settings.take_filled(&["database", "db"]);
    made.namespace.database = match (database, &user) {
        (Some(name), _) => Part::Given(name),
        (None, Some(user)) => Part::Default(user.clone()),
        (None, None) => Part::Unknown,
    };
    made.namespace.schema = Part::given(settings.take_filled(&["search path"]));
    made.user = user.map_or(Part::Unknown, |user| Part::Given(SecretText::new(user)));
    made.password = Part::given(settings.take_filled(&["password", "psw", "pwd"]).map(SecretText::new));
    settings.take(&["trust server certificate"]);
    made.tls = match settings.take_filled(&["ssl mode", "sslmode"]) {
        None => Part::Default(Tls::Prefer),
        Some(mode) => Part::Given(match mode.to_ascii_lowercase().replace('-', "").as_str() {
            "disable" => Tls::Off,
            "allow" => Tls::Allow,
            "prefer" => Tls::Prefer,
            "require" => Tls::Unverified,
            "verifyca" => Tls::VerifyCa,
            "verifyfull" => Tls::VerifyFull,
            _ => return Err("an SSL mode that Npgsql does not have"),
        }),
    };
    Ok(finish(made, settings, contradicts))
}

/// Reads MySqlConnector's pairs: its connection options page (2.3) with synonyms. A server that begins with `/` is a socket.
pub(super) fn parse_mysql(text: &str) -> Result<Connection, Why> {
    let mut settings = pairs(text)?;
    let contradicts = settings.contradict();
    let hosts = settings
        .take_filled(&["server", "host", "data source", "datasource", "address", "addr", "network address"])
        .ok_or("it names no server")?;
    let port = settings.take_filled(&["port"]).map(|text| read_port(&text)).transpose()?;
    settings.take(&["protocol", "connectionprotocol", "connection protocol"]);
    let list = list(&hosts, port, mysql::PORT, |path, _| path.to_owned())?;
    // Load Balance=RoundRobin is the default, but each host must be the same store then.
    let mut made = mysql::connection(Part::Given(Endpoints { list, meaning: Meaning::Failover }));
    made.login(
        settings.take_filled(&["user id", "userid", "username", "uid", "user name", "user"]),
        settings.take_filled(&["password", "pwd"]),
    );
    made.namespace.database = Part::given(settings.take_filled(&["database", "initial catalog"]));
    made.tls = match settings.take_filled(&["ssl mode", "sslmode"]) {
        None => Part::Default(Tls::Prefer),
        Some(mode) => Part::Given(mysql::mode_level(&mode)?),
    };
    Ok(finish(made, settings, contradicts))
}

fn finish(mut made: Connection, settings: Settings, contradicts: bool) -> Connection {
    if contradicts {
        made.remark(Remark::SaidTwice);
    }
    made.weigh(settings);
    made
}

fn list(hosts: &str, port: Option<u16>, default: u16, socket: fn(&str, u16) -> String) -> Result<Vec<Endpoint>, Why> {
    hosts
        .split(',')
        .map(|place| {
            let place = place.trim();
            let shared = Part::given_or(port, default);
            if place.starts_with('/') {
                return Ok(Endpoint::Socket(tidy_path(&socket(place, port.unwrap_or(default)))));
            }
            // A bare IPv6 address has several colons.
            let (host, own) = if place.matches(':').count() > 1 && !place.starts_with('[') {
                (place, None)
            } else {
                split_host_port(place)?
            };
            let port = own.map(read_port).transpose()?.map_or(shared, Part::Given);
            Ok(Endpoint::Tcp { host: Host::parse(host)?, port })
        })
        .collect()
}
