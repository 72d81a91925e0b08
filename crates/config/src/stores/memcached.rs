//! Lists of memcached servers.
//!
//! Whether the order of a list decides where a key lives depends on the client: libmemcached's default distribution is modulo
//! (order decides), php-memcached's session handler uses ketama since `memcached.sess_consistent_hash` is on (3.0; members decide),
//! pymemcache's HashClient hashes by rendezvous and Dalli 3 by a ring (members), spymemcached's ArrayModNodeLocator by position.

use super::connection::{Connection, Kind, Tls};
use super::endpoint::{Endpoint, Endpoints, Meaning, Why, host_port, tidy_path};
use super::part::Part;
use super::settings::{Coding, Settings};
use super::url::{Pieces, decode};
use crate::secret::SecretText;

const PORT: u16 = 11211;

/// Reads `host:port,host:port`, blanks or semicolons between them too, and `memcached://user:password@hosts`.
pub(super) fn parse(text: &str) -> Result<Connection, Why> {
    let text = text.trim();
    let pieces = if text.contains("://") { Some(Pieces::of(text)?) } else { None };
    let schemes = ["memcached", "memcache", "memcacheds", "pymemcache", "pylibmc", "tcp"];
    if pieces.is_some_and(|pieces| !schemes.contains(&pieces.scheme)) {
        return Err("the scheme is not memcached's");
    }
    let hosts = pieces.map_or(text, |pieces| pieces.hosts);
    let list = hosts
        .split([',', ' ', ';'])
        .filter(|place| !place.is_empty())
        .map(
            |place| {
                if place.starts_with('/') { Ok(Endpoint::Socket(tidy_path(place))) } else { host_port(place, PORT) }
            },
        )
        .collect::<Result<Vec<_>, _>>()?;
    let mut made = from_list(list, Meaning::SomeRing)?;
    if let Some(pieces) = pieces {
        let (user, password) = pieces.credentials();
        made.login(user.map(decode).transpose()?, password.map(decode).transpose()?);
        if pieces.scheme == "memcacheds" {
            made.tls = Part::Given(Tls::On);
        }
        made.weigh(Settings::of_query(pieces.query, Coding::Form)?);
    }
    Ok(made)
}

/// Reads PHP's `save_path`: `host:port[:weight],...` with an optional `PERSISTENT=id ` (php-memcached 3.2, php_memcached_session.c), or
/// `tcp://host:port?weight=2, ...` (pecl/memcache 8, memcache_session.c; `memcache.hash_strategy` is consistent).
pub(super) fn parse_save_path(text: &str) -> Result<Connection, Why> {
    let text = text.trim();
    let text = match text.strip_prefix("PERSISTENT=") {
        Some(rest) => rest.split_once(' ').map_or("", |(_, rest)| rest.trim()),
        None => text,
    };
    let (mut list, mut weights) = (Vec::new(), Vec::new());
    for entry in text.split([',', ' ']).filter(|entry| !entry.is_empty()) {
        let (endpoint, weight) = member(entry)?;
        list.push(endpoint);
        weights.push(weight);
    }
    let mut made = from_list(list, Meaning::Ring)?;
    made.namespace.prefix = Part::Unknown;
    if text.contains("://") {
        // pecl/memcache prefixes sessions only when memcache.session_prefix_* say so; php-memcached by memcached.sess_prefix.
        made.namespace.prefix = Part::Absent;
    }
    if weights.iter().any(|weight| weight != "1") {
        // A weight belongs to its server: sorted by server, so that the order of the list does not matter.
        let mut pairs: Vec<_> = made
            .endpoints
            .value()
            .map(|endpoints| endpoints.list.iter().map(|place| format!("{place:?}")).zip(weights).collect())
            .unwrap_or_default();
        pairs.sort();
        let words: Vec<String> =
            pairs.into_iter().map(|(place, weight): (String, String)| format!("{place}={weight}")).collect();
        made.options.insert("weight", SecretText::new(words.join(",")));
    }
    Ok(made)
}

fn member(entry: &str) -> Result<(Endpoint, String), Why> {
    if entry.contains("://") {
        let pieces = Pieces::of(entry)?;
        if !matches!(pieces.scheme, "tcp" | "udp") {
            return Err("the scheme is not memcached's");
        }
        let weight = Settings::of_query(pieces.query, Coding::Form)?.take_filled(&["weight"]);
        return Ok((host_port(pieces.hosts, PORT)?, weight.unwrap_or_else(|| "1".to_owned())));
    }
    if entry.starts_with('/') {
        let (path, weight) = entry.split_once(':').unwrap_or((entry, "1"));
        return Ok((Endpoint::Socket(tidy_path(path)), weight.to_owned()));
    }
    let mut words = entry.splitn(3, ':');
    let (host, port, weight) = (words.next().unwrap_or_default(), words.next(), words.next());
    let place = port.map_or(host.to_owned(), |port| format!("{host}:{port}"));
    Ok((host_port(&place, PORT)?, weight.unwrap_or("1").to_owned()))
}

fn from_list(list: Vec<Endpoint>, meaning: Meaning) -> Result<Connection, Why> {
    if list.is_empty() {
        return Err("there is no server");
    }
    let mut made = Connection::new(Kind::Memcached, Part::Given(Endpoints { list, meaning }));
    made.tls = Part::Default(Tls::Off);
    Ok(made)
}
