//! StackExchange.Redis' configuration strings: `ConfigurationOptions.DoParse` of 2.8.
//!
//! Parted by commas; what has a `=` is an option, anything else an endpoint, a set without repetition. Unknown options are refused. Default
//! ports: 6379, 6380 with `ssl=true`, 26379 with `serviceName` (DefaultPorts tests, docs/Configuration.md). A value cannot hold a comma.

use super::super::connection::{Connection, Tls};
use super::super::endpoint::{CROWDED, Endpoint, Endpoints, MOST, Meaning, Why, host_port, tidy_path};
use super::super::part::Part;
use super::super::settings::{Settings, is_on, plain};
use super::{PORT, SENTINEL_PORT, connection, number};

const KNOWN: &[&str] = &[
    "abortConnect",
    "allowAdmin",
    "asyncTimeout",
    "channelPrefix",
    "checkCertificateRevocation",
    "configChannel",
    "configCheckSeconds",
    "connectRetry",
    "connectTimeout",
    "defaultDatabase",
    "heartbeatInterval",
    "highIntegrity",
    "highPriorityThreads",
    "keepAlive",
    "name",
    "password",
    "preserveAsyncOrder",
    "protocol",
    "proxy",
    "resolveDns",
    "responseTimeout",
    "serviceName",
    "setlib",
    "ssl",
    "sslHost",
    "sslProtocols",
    "syncTimeout",
    "tiebreaker",
    "tunnel",
    "user",
    "version",
    "writeBuffer",
];

/// Reads a configuration string.
pub(in super::super) fn parse_stackexchange(text: &str) -> Result<Connection, Why> {
    let mut settings = Settings::default();
    let mut places = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match word.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                let name = name.trim();
                let known =
                    name.starts_with('$') || KNOWN.iter().any(|known| plain(known) == name.to_ascii_lowercase());
                if !known {
                    return Err("this client refuses a keyword");
                }
                settings.add(name, value.trim().to_owned());
            }
            // A slip between a keyword and its value would make a host of a password.
            _ if KNOWN.iter().any(|known| known.eq_ignore_ascii_case(word)) => return Err("a keyword has no ="),
            _ if places.len() == MOST => return Err(CROWDED),
            _ => places.push(word),
        }
    }
    let ssl =
        settings.take_filled(&["ssl"]).map(|said| is_on(&said).ok_or("ssl is neither true nor false")).transpose()?;
    let master = settings.take_filled(&["serviceName"]);
    let port = match (&master, ssl) {
        (Some(_), _) => SENTINEL_PORT,
        (None, Some(true)) => 6380,
        (None, _) => PORT,
    };
    let mut list: Vec<Endpoint> = Vec::new();
    for place in places {
        let endpoint = match place.strip_prefix('!') {
            Some(path) => Endpoint::Socket(tidy_path(path)),
            None => host_port(place, port)?,
        };
        if !list.contains(&endpoint) {
            list.push(endpoint);
        }
    }
    if list.is_empty() {
        return Err("there is no endpoint");
    }
    let meaning = if master.is_some() { Meaning::Sentinels } else { Meaning::Seeds };
    let database = settings.take_filled(&["defaultDatabase"]).map(|text| number(&text)).transpose()?;
    let (user, password) = (settings.take_filled(&["user"]), settings.take_filled(&["password"]));
    let endpoints = Part::Given(Endpoints { list, meaning });
    let mut made = connection(endpoints, Part::given_or(database, "0".to_owned()), user, password);
    made.group = Part::given(master);
    made.tls = match ssl {
        Some(true) => Part::Given(Tls::On),
        Some(false) => Part::Given(Tls::Off),
        None => Part::Default(Tls::Off),
    };
    made.weigh(settings);
    Ok(made)
}
