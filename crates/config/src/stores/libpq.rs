//! libpq's connection strings: `key = value` words and `postgresql://` URIs, completed from a service, `PG*` variables and defaults.
//!
//! Source: fe-connect.c of PostgreSQL 16 (`conninfo_parse`, `conninfo_uri_parse_options`, `conninfo_add_defaults`) and the manual's chapter
//! "Database Connection Control Functions". The URI rules are checked by PostgreSQL's own src/interfaces/libpq/t/001_uri.pl.
//! Not looked at: ~/.pgpass, which may hold a password where none is given.

use std::collections::BTreeMap;

use super::connection::{Connection, Kind, Tls};
use super::dialect::Surroundings;
use super::endpoint::{Endpoint, Endpoints, Host, Meaning, Why, read_port, tidy_path};
use super::part::Part;
use super::pg_service;
use super::remark::Remark;
use super::settings::Settings;
use super::url::decode_strict;
use crate::secret::SecretText;

/// Key words (PQconninfoOptions) with the variable that stands in for each.
pub(super) const KEYWORDS: &[(&str, &str)] = &[
    ("service", "PGSERVICE"),
    ("servicefile", "PGSERVICEFILE"),
    ("user", "PGUSER"),
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("channel_binding", "PGCHANNELBINDING"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("dbname", "PGDATABASE"),
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("client_encoding", "PGCLIENTENCODING"),
    ("options", "PGOPTIONS"),
    ("application_name", "PGAPPNAME"),
    ("fallback_application_name", ""),
    ("keepalives", ""),
    ("keepalives_idle", ""),
    ("keepalives_interval", ""),
    ("keepalives_count", ""),
    ("tcp_user_timeout", ""),
    ("sslmode", "PGSSLMODE"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("sslcompression", "PGSSLCOMPRESSION"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslcertmode", "PGSSLCERTMODE"),
    ("sslpassword", ""),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcrl", "PGSSLCRL"),
    ("sslcrldir", "PGSSLCRLDIR"),
    ("sslsni", "PGSSLSNI"),
    ("requirepeer", "PGREQUIREPEER"),
    ("require_auth", "PGREQUIREAUTH"),
    ("min_protocol_version", "PGMINPROTOCOLVERSION"),
    ("max_protocol_version", "PGMAXPROTOCOLVERSION"),
    ("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    ("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    ("gssencmode", "PGGSSENCMODE"),
    ("krbsrvname", "PGKRBSRVNAME"),
    ("gsslib", "PGGSSLIB"),
    ("gssdelegation", "PGGSSDELEGATION"),
    ("replication", ""),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("load_balance_hosts", "PGLOADBALANCEHOSTS"),
    ("scram_client_key", ""),
    ("scram_server_key", ""),
    ("oauth_issuer", ""),
    ("oauth_client_id", ""),
    ("oauth_client_secret", ""),
    ("oauth_scope", ""),
    ("sslkeylogfile", ""),
    ("requiressl", "PGREQUIRESSL"),
];

/// Words as read, before anything is filled in.
pub(super) type Words = BTreeMap<String, String>;

/// Reads a URI or a string of key words.
pub(super) fn parse(text: &str, around: &Surroundings<'_>) -> Result<Connection, Why> {
    let words = match uri_rest(text) {
        Some(rest) => uri(rest, Unknown::Refused)?,
        None => key_words(text)?,
    };
    complete(words, around)
}

/// What follows `postgresql://` or `postgres://`; libpq compares the scheme as it stands.
pub(super) fn uri_rest(text: &str) -> Option<&str> {
    text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://"))
}

/// What to do with a parameter that libpq does not know.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// As libpq does.
    Refused,
    /// As frameworks do that take some for themselves (`pool`, `schema`, `pgbouncer`).
    Kept,
}

/// Reads a URI after its scheme.
pub(super) fn uri(rest: &str, unknown: Unknown) -> Result<Words, Why> {
    let mut words = Words::new();
    let mut keep = |name: &str, value: &str| -> Result<(), Why> {
        if !value.is_empty() {
            words.insert(name.to_owned(), decode_strict(value)?);
        }
        Ok(())
    };
    let mut rest = rest;
    // An @ before the first slash ends the credentials, wherever it stands.
    let before_path = rest.find('/').map_or(rest, |at| &rest[..at]);
    if let Some(at) = before_path.find('@') {
        let (user, password) = before_path[..at].split_once(':').unwrap_or((&before_path[..at], ""));
        keep("user", user)?;
        keep("password", password)?;
        rest = &rest[at + 1..];
    }
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    loop {
        let host;
        if let Some(inner) = rest.strip_prefix('[') {
            let end = inner.find(']').ok_or("an IPv6 address has no closing bracket")?;
            host = &inner[..end];
            if host.is_empty() {
                return Err("an IPv6 address is empty");
            }
            rest = &inner[end + 1..];
            if !(rest.is_empty() || rest.starts_with([':', '/', '?', ','])) {
                return Err("something follows an IPv6 address that is no port");
            }
        } else {
            let end = rest.find([':', '/', '?', ',']).unwrap_or(rest.len());
            (host, rest) = rest.split_at(end);
        }
        hosts.push(host);
        let mut port = "";
        if let Some(after) = rest.strip_prefix(':') {
            let end = after.find(['/', '?', ',']).unwrap_or(after.len());
            (port, rest) = after.split_at(end);
        }
        ports.push(port);
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None => break,
        }
    }
    if hosts.iter().any(|host| !host.is_empty()) {
        keep("host", &hosts.join(","))?;
    }
    if ports.iter().any(|port| !port.is_empty()) {
        keep("port", &ports.join(","))?;
    }
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    keep("dbname", path.strip_prefix('/').unwrap_or_default())?;
    parameters(query.unwrap_or_default(), unknown, &mut words)?;
    Ok(words)
}

fn parameters(query: &str, unknown: Unknown, words: &mut Words) -> Result<(), Why> {
    if query.is_empty() {
        return Ok(());
    }
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').ok_or("a query parameter has no =")?;
        if value.contains('=') {
            return Err("a query parameter has two =");
        }
        let (mut name, mut value) = (decode_strict(name)?, decode_strict(value)?);
        // conninfo_uri_parse_params: for JDBC's sake.
        if name == "ssl" && value == "true" {
            (name, value) = ("sslmode".to_owned(), "require".to_owned());
        }
        if unknown == Unknown::Refused && !KEYWORDS.iter().any(|(known, _)| *known == name) {
            return Err("a query parameter that libpq does not know");
        }
        words.insert(name, value);
    }
    Ok(())
}

/// Reads `key = 'value'` words (conninfo_parse).
pub(super) fn key_words(text: &str) -> Result<Words, Why> {
    let mut words = Words::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let after = after.trim_start().strip_prefix('=').ok_or("a key word is not followed by =")?.trim_start();
        let (value, after) = word_value(after)?;
        if !KEYWORDS.iter().any(|(known, _)| *known == name) {
            return Err("a key word that libpq does not know");
        }
        words.insert(name.to_owned(), value);
        rest = after.trim_start();
    }
    Ok(words)
}

fn word_value(text: &str) -> Result<(String, &str), Why> {
    let (mut chars, quoted) = match text.strip_prefix('\'') {
        Some(inner) => (inner.chars(), true),
        None => (text.chars(), false),
    };
    let mut value = String::new();
    loop {
        let before = chars.as_str();
        match chars.next() {
            None if quoted => return Err("a quoted value does not end"),
            None => return Ok((value, "")),
            Some('\'') if quoted => return Ok((value, chars.as_str())),
            Some(c) if !quoted && c.is_ascii_whitespace() => return Ok((value, before)),
            Some('\\') => value.extend(chars.next()),
            Some(c) => value.push(c),
        }
    }
}

/// Fills in what the text does not say: from a service, then the variables, then libpq's own defaults.
pub(super) fn complete(mut words: Words, around: &Surroundings<'_>) -> Result<Connection, Why> {
    let mut missing_service = false;
    let service = words.remove("service").or_else(|| around.variable("PGSERVICE").map(str::to_owned));
    if let Some(service) = service.filter(|name| !name.is_empty()) {
        match around.pg_service.map(|text| pg_service::section(text, &service)).transpose()?.flatten() {
            Some(found) => {
                for (name, value) in found {
                    words.entry(name).or_insert(value);
                }
            }
            None => missing_service = true,
        }
    }
    let mut defaults = Words::new();
    for (name, variable) in KEYWORDS {
        let set = Some(*variable).filter(|name| !name.is_empty()).and_then(|name| around.variable(name));
        if let Some(value) = set.filter(|_| !words.contains_key(*name)) {
            defaults.insert((*name).to_owned(), value.to_owned());
        }
    }
    let mut taken = Taken { words, defaults, missing_service };
    let mut made = Connection::new(Kind::Postgres, Part::Unknown);
    if missing_service {
        made.remark(Remark::ServiceUnknown);
    }
    // Without a user libpq asks the operating system, and takes the user for the database's name.
    let user = match taken.text("user") {
        Part::Absent => Part::Unknown,
        said => said,
    };
    made.namespace.database = match (taken.text("dbname"), user.value()) {
        (Part::Absent, Some(user)) => Part::Default(user.clone()),
        (Part::Absent, None) => Part::Unknown,
        (said, _) => said,
    };
    made.user = user.map(SecretText::new);
    made.password = taken.text("password").map(SecretText::new);
    if taken.text("passfile") != Part::Absent && made.password == Part::Absent {
        made.password = Part::Unknown;
    }
    endpoints(&mut made, &mut taken)?;
    tls(&mut made, &mut taken)?;
    let mut settings = Settings::default();
    for (name, value) in taken.words.into_iter().chain(taken.defaults) {
        settings.add(&name, value);
    }
    made.namespace.schema = Part::given(settings.take_filled(&["currentSchema", "schema", "search_path"]));
    made.weigh(settings);
    Ok(made)
}

struct Taken {
    words: Words,
    defaults: Words,
    missing_service: bool,
}

impl Taken {
    /// An empty value counts as none.
    fn text(&mut self, name: &str) -> Part<String> {
        let said = self.words.remove(name).filter(|value| !value.is_empty());
        let set = self.defaults.remove(name).filter(|value| !value.is_empty());
        match (said, set) {
            (Some(value), _) => Part::Given(value),
            (None, Some(_) | None) if self.missing_service => Part::Unknown,
            (None, Some(value)) => Part::Default(value),
            (None, None) => Part::Absent,
        }
    }
}

/// `hostaddr` decides over `host`; both may be lists, with one port for all or one for each. A host that begins with `/` (or `@`) is a
/// folder of sockets.
fn endpoints(made: &mut Connection, taken: &mut Taken) -> Result<(), Why> {
    let (host, address, port) = (taken.text("host"), taken.text("hostaddr"), taken.text("port"));
    let attributes = taken.words.get("target_session_attrs").or_else(|| taken.defaults.get("target_session_attrs"));
    let any_primary = attributes.is_some_and(|wanted| matches!(wanted.as_str(), "primary" | "read-write"));
    let balance = taken.words.get("load_balance_hosts").or_else(|| taken.defaults.get("load_balance_hosts"));
    let random = balance.is_some_and(|wanted| wanted == "random");
    if host.is_unknown() || address.is_unknown() || port.is_unknown() {
        return Ok(());
    }
    if address != Part::Absent && host != Part::Absent {
        made.remark(Remark::HostaddrDecides);
    }
    let from = if address == Part::Absent { host } else { address };
    let places = from.value().cloned().unwrap_or_default();
    let places: Vec<_> = places.split(',').map(str::trim).collect();
    let ports = port.value().cloned().unwrap_or_default();
    let ports: Vec<_> = ports.split(',').map(str::trim).collect();
    if ports.len() > 1 && ports.len() != places.len() {
        return Err("there are not as many ports as hosts");
    }
    let said = |number| if matches!(port, Part::Given(_)) { Part::Given(number) } else { Part::Default(number) };
    let mut list = Vec::new();
    for (index, place) in places.iter().enumerate() {
        let port = match ports.get(index).or(ports.first()).copied().unwrap_or_default() {
            "" => Part::Default(5432),
            text => said(read_port(text)?),
        };
        let number = port.value().copied().unwrap_or(5432);
        list.push(if place.is_empty() {
            Endpoint::DefaultSocket(Some(number))
        } else if place.starts_with('/') || place.starts_with('@') {
            Endpoint::Socket(tidy_path(&format!("{place}/.s.PGSQL.{number}")))
        } else {
            Endpoint::Tcp { host: Host::parse(place)?, port }
        });
    }
    let meaning = if any_primary || random { Meaning::AnyPrimary } else { Meaning::Failover };
    made.endpoints = match (&from, &port) {
        (Part::Given(_), _) | (_, Part::Given(_)) => Part::Given(Endpoints { list, meaning }),
        _ => Part::Default(Endpoints { list, meaning }),
    };
    Ok(())
}

/// sslmode: `prefer` unless said; `verify-full` when sslrootcert is `system`. Unix sockets are never encrypted.
fn tls(made: &mut Connection, taken: &mut Taken) -> Result<(), Why> {
    let system =
        [&taken.words, &taken.defaults].iter().any(|words| words.get("sslrootcert").is_some_and(|it| it == "system"));
    let mode = match (taken.text("sslmode"), taken.text("requiressl")) {
        (Part::Absent, Part::Given(required) | Part::Default(required)) if required == "1" => {
            Part::Given("require".to_owned())
        }
        (mode, _) => mode,
    };
    let level = |mode: &str| match mode {
        "disable" => Ok(Tls::Off),
        "allow" => Ok(Tls::Allow),
        "prefer" => Ok(Tls::Prefer),
        "require" => Ok(Tls::Unverified),
        "verify-ca" => Ok(Tls::VerifyCa),
        "verify-full" => Ok(Tls::VerifyFull),
        _ => Err("sslmode is none of libpq's"),
    };
    let sockets = made.endpoints.value().is_some_and(|endpoints| {
        endpoints.list.iter().all(|endpoint| matches!(endpoint, Endpoint::Socket(_) | Endpoint::DefaultSocket(_)))
    });
    made.tls = match mode {
        Part::Given(mode) => Part::Given(level(&mode)?),
        Part::Default(mode) => Part::Default(level(&mode)?),
        Part::Absent => Part::Default(if system { Tls::VerifyFull } else { Tls::Prefer }),
        Part::Unknown => Part::Unknown,
    };
    if sockets {
        made.tls = Part::Default(Tls::Off);
    }
    Ok(())
}
