//! `session.save_path` of phpredis' session handlers (redis_session.c, phpredis 6.0).
//!
//! `redis`: entries parted by commas or blanks, each read by PHP's `parse_url`; the query is read as a form, and a fragment belongs to it.
//! User and password before `@`, and a path after a host, are not looked at. Several entries are a ring: a session's place is its
//! identifier modulo the sum of the weights, counted along the list, so order and weights decide.
//! `rediscluster`: `seed[]=host:port&seed[]=...&prefix=...&auth=...`.

use super::super::connection::{Connection, Tls};
use super::super::endpoint::{CROWDED, Endpoint, Endpoints, MOST, Meaning, Why, host_port, tidy_path};
use super::super::part::Part;
use super::super::remark::Remark;
use super::super::settings::{Coding, Settings};
use super::super::url::{Pieces, decode_form};
use super::{PORT, connection, number};
use crate::secret::SecretText;

/// Reads a `save_path`.
pub(in super::super) fn parse_save_path(text: &str) -> Result<Connection, Why> {
    if text.trim_start().starts_with("seed[") || text.contains("&seed[") {
        return cluster(text.trim());
    }
    let mut members = text.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|entry| !entry.is_empty());
    let (mut made, mut weights) = member(members.next().ok_or("there is no entry")?)?;
    let mut count = 1;
    for entry in members {
        let (next, weight) = member(entry)?;
        count += 1;
        if count > MOST {
            return Err(CROWDED);
        }
        weights = format!("{weights},{weight}");
        let list = match (&made.endpoints, &next.endpoints) {
            (Part::Given(ours), Part::Given(theirs)) => [ours.list.clone(), theirs.list.clone()].concat(),
            _ => return Err("an entry has no host"),
        };
        let remarks = next.remarks.clone();
        // One session has one database, prefix and login when all members have the same.
        made.endpoints = next.endpoints.clone();
        made = made.agreed(&next).map_err(|_| "entries are of different kinds")?;
        made.endpoints = Part::Given(Endpoints { list, meaning: Meaning::OrderedRing });
        made.remarks.extend(remarks);
    }
    if count > 1 || weights != "1" {
        made.options.insert("weight", SecretText::new(weights));
    }
    Ok(made)
}

fn member(entry: &str) -> Result<(Connection, String), Why> {
    let (entry, socket) = match entry.strip_prefix("unix:") {
        Some(rest) => (rest.trim_start_matches("//"), true),
        None => (entry, entry.starts_with('/')),
    };
    let mut remarks = Vec::new();
    let (endpoint, tls, query, fragment) = if socket {
        let (path, query) = entry.split_once('?').map_or((entry, None), |(path, query)| (path, Some(query)));
        let (query, fragment) = query.map_or((None, None), parted);
        if !path.starts_with('/') {
            return Err("a unix socket has no absolute path");
        }
        (Endpoint::Socket(tidy_path(path)), Tls::Off, query, fragment)
    } else {
        let written = if entry.contains("://") { entry.to_owned() } else { format!("tcp://{entry}") };
        let pieces = Pieces::of(&written)?;
        let tls = match pieces.scheme {
            "tcp" | "redis" => Tls::Off,
            "tls" | "ssl" | "tlsv1.2" | "tlsv1.3" => Tls::On,
            _ => return Err("this client does not know the scheme"),
        };
        if pieces.userinfo.is_some() {
            remarks.push(Remark::CredentialsInUrlIgnored);
        }
        if pieces.name().is_some() {
            remarks.push(Remark::PathIgnored);
        }
        let endpoint = host_port(pieces.hosts, PORT)?;
        (endpoint, tls, pieces.query.map(str::to_owned), pieces.fragment.map(str::to_owned))
    };
    let query = match (query, fragment) {
        (Some(query), Some(fragment)) => Some(format!("{query}#{fragment}")),
        (query, _) => query,
    };
    if query.as_deref().is_some_and(plus_in_auth) {
        remarks.push(Remark::PlusIsSpace);
    }
    let mut settings = Settings::of_query(query.as_deref(), Coding::Form)?;
    let (user, password) = auth(&mut settings);
    let database = settings.take_filled(&["database"]).map(|text| number(&text)).transpose()?;
    let prefix = settings.take(&["prefix"]);
    let weight = settings.take_filled(&["weight"]).unwrap_or_else(|| "1".to_owned());
    if weight.parse::<u32>().map_or(true, |weight| weight == 0) {
        return Err("a weight is not a positive number");
    }
    let endpoints = Part::Given(Endpoints::one(endpoint));
    let mut made = connection(endpoints, Part::given_or(database, "0".to_owned()), user, password);
    made.tls = if tls == Tls::Off { Part::Default(tls) } else { Part::Given(tls) };
    made.namespace.prefix = Part::given_or(prefix, "PHPREDIS_SESSION:".to_owned());
    for remark in remarks {
        made.remark(remark);
    }
    made.weigh(settings);
    Ok((made, weight))
}

/// A query and its fragment.
fn parted(query: &str) -> (Option<String>, Option<String>) {
    query
        .split_once('#')
        .map_or((Some(query.to_owned()), None), |(query, rest)| (Some(query.to_owned()), Some(rest.to_owned())))
}

/// `auth=password`, `auth[]=user&auth[]=password`, `auth[user]=..&auth[pass]=..` (redis_conf_auth in library.c).
fn auth(settings: &mut Settings) -> (Option<String>, Option<String>) {
    let user = settings.take_filled(&["auth[user]", "auth[0]"]);
    let password = settings.take_filled(&["auth[pass]", "auth[1]"]);
    if user.is_some() || password.is_some() {
        return (user, password);
    }
    if settings.has(&["auth[]"]) {
        let mut words = Vec::new();
        let rest = std::mem::take(settings).into_pairs();
        for (name, value) in rest {
            if name == "auth[]" { words.push(value) } else { settings.add(&name, value) }
        }
        let password = words.pop();
        return (words.pop(), password);
    }
    (None, settings.take_filled(&["auth"]))
}

fn plus_in_auth(query: &str) -> bool {
    query.split('&').any(|pair| pair.starts_with("auth") && pair.contains('+'))
}

fn cluster(text: &str) -> Result<Connection, Why> {
    let mut list = Vec::new();
    let mut settings = Settings::default();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode_form(name)?, decode_form(value)?);
        if name.starts_with("seed[") {
            list.push(host_port(&value, PORT)?);
        } else {
            settings.add(&name, value);
        }
    }
    let (user, password) = auth(&mut settings);
    let prefix = settings.take(&["prefix"]);
    let endpoints = Part::Given(Endpoints { list, meaning: Meaning::Seeds });
    // Redis Cluster has database 0 only.
    let mut made = connection(endpoints, Part::Default("0".to_owned()), user, password);
    made.tls = Part::Default(Tls::Off);
    made.namespace.prefix = Part::given_or(prefix, "PHPREDIS_CLUSTER_SESSION:".to_owned());
    if plus_in_auth(text) {
        made.remark(Remark::PlusIsSpace);
    }
    made.weigh(settings);
    Ok(made)
}
