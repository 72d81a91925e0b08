//! Connections that are configured by parts: several keys of one service, put together.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::LazyLock;

use super::connection::{Connection, Kind, Tls};
use super::dialect::{Dialect, ParseError, Surroundings};
use super::endpoint::{Endpoint, Endpoints, Host, Meaning, Why, host_port, read_port, tidy_path};
use super::families::{BARE, FAMILIES, Family, Role, driver_kind};
use super::guess::guess;
use super::part::Part;
use super::remark::Remark;
use super::settings::is_on;
use super::{libpq, redis};
use crate::secret::SecretText;

/// One service as several keys describe it.
#[derive(Clone)]
pub struct Assembled {
    /// The family of keys (`redis`, `database`, `spring-redis`, ...).
    pub family: &'static str,
    /// What the keys begin with, as they are written.
    pub stem: String,
    /// The keys that took part, sorted.
    pub keys: Vec<String>,
    /// What they say together.
    pub connection: Result<Connection, ParseError>,
}

impl fmt::Debug for Assembled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assembled")
            .field("family", &self.family)
            .field("stem", &self.stem)
            .field("keys", &self.keys)
            .field("connection", &self.connection)
            .finish()
    }
}

/// Finds the services among these keys, sorted by family and stem. A family needs a place (host, socket, nodes, or a file) or a driver
/// with a database; a lone URL is left to [`guess()`], and is taken here only when parts stand beside it.
pub fn assemble<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Assembled> {
    let mut groups: BTreeMap<(usize, String), Parts<'a>> = BTreeMap::new();
    for (key, value) in values {
        let plain = plain(key);
        if !may_be(&plain) {
            continue;
        }
        let Some((index, stem, role)) = FAMILIES
            .iter()
            .enumerate()
            .find_map(|(index, family)| role_of(family, &plain).map(|(stem, role)| (index, stem, role)))
        else {
            continue;
        };
        groups.entry((index, stem)).or_default().insert(role, (key, value));
    }
    let said = |index: usize, parts: &Parts<'_>| FAMILIES[index].name != BARE || parts.contains_key(&Role::Driver);
    let around = groups.into_iter().filter(|((index, _), parts)| is_service(parts) && said(*index, parts));
    around
        .map(|((index, stem), parts)| {
            let family = &FAMILIES[index];
            let mut keys: Vec<_> = parts.values().map(|(key, _)| (*key).to_owned()).collect();
            keys.sort();
            Assembled { family: family.name, stem, keys, connection: put_together(family, &parts) }
        })
        .collect()
}

/// Whether a key may be one of a family: a quick look, which says yes too often and never no for one that is.
pub fn may_be_part(key: &str) -> bool {
    may_be(&plain(key))
}

/// The last words of all roles.
static LAST_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let roles = FAMILIES.iter().flat_map(|family| family.roles);
    roles.map(|(suffix, _)| suffix.rsplit('_').next().unwrap_or(suffix)).collect()
});

/// The first letters of all stems, each once.
static STEMS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let named = FAMILIES.iter().filter(|family| family.name != BARE);
    let mut stems: Vec<&str> = named.flat_map(|family| family.stems.iter().copied()).collect();
    stems.sort_unstable();
    stems.dedup();
    stems
});

fn may_be(plain: &str) -> bool {
    let last = plain.rsplit('_').next().unwrap_or(plain);
    let alone = || last.len() == plain.len() || plain.ends_with("_SEARCH_PATH") || plain == "CHANNEL_PREFIX";
    plain.starts_with("PG") || (LAST_WORDS.contains(last) && (alone() || STEMS.iter().any(|stem| plain.contains(stem))))
}

type Parts<'a> = BTreeMap<Role, (&'a str, &'a str)>;

fn plain(key: &str) -> String {
    let mut done = String::with_capacity(key.len());
    for c in key.chars() {
        let c = if matches!(c, '.' | '-' | ':' | ' ') { '_' } else { c.to_ascii_uppercase() };
        if !(c == '_' && done.ends_with('_')) {
            done.push(c);
        }
    }
    done
}

/// The stem and role of a key in a family; the longest role wins (`HOST_USER` before `USER`).
fn role_of(family: &Family, key: &str) -> Option<(String, Role)> {
    let mut best: Option<(String, Role, usize)> = None;
    for (suffix, role) in family.roles {
        let Some(stem) = key.strip_suffix(suffix) else { continue };
        // `MYSQL_` `ROOT_PASSWORD` is another login: only whole words of the stem count.
        let fits = family.stems.iter().any(|wanted| {
            stem == *wanted
                || (family.words_before && stem.strip_suffix(wanted).is_some_and(|before| before.ends_with('_')))
        });
        // Rails and Laravel name several connections below one environment.
        let nested =
            family.name == "rails" && stem.ends_with('_') && family.stems.iter().any(|wanted| stem.starts_with(wanted));
        if (fits || nested) && best.as_ref().is_none_or(|(.., length)| suffix.len() > *length) {
            best = Some((stem.to_owned(), *role, suffix.len()));
        }
    }
    best.map(|(stem, role, _)| (stem, role))
}

fn is_service(parts: &Parts<'_>) -> bool {
    let has = |role| parts.get(&role).is_some_and(|(_, value)| !value.trim().is_empty());
    let place = has(Role::Host) || has(Role::Socket) || has(Role::Nodes);
    let by_driver = has(Role::Driver) && has(Role::Database);
    (place && parts.len() > 1) || by_driver || (has(Role::Url) && parts.len() > 1)
}

fn put_together(family: &Family, parts: &Parts<'_>) -> Result<Connection, ParseError> {
    let text =
        |role| parts.get(&role).map(|(_, value)| value.trim()).filter(|value| !value.is_empty() && *value != "null");
    let driver = text(Role::Driver).and_then(driver_kind);
    if let Some(url) = text(Role::Url) {
        let key = parts.get(&Role::Url).map_or("", |(key, _)| *key);
        let found = guess(key, url).ok_or(failed("the URL is of no known form"))?;
        let mut made = found.parse(url)?;
        if family.database_beside_url {
            beside_spring_url(&mut made, url, text(Role::Database)).map_err(failed)?;
        } else {
            beside_url(&mut made, &text).map_err(failed)?;
        }
        return Ok(made);
    }
    let kind = family.kind.or(driver).ok_or(failed("no driver says what kind of store it is"))?;
    by_parts(kind, &text).map_err(failed)
}

/// Spring Boot before 3.5 takes the database from beside the URL, later ones from its path (spring-boot #43810; the description of
/// `spring.data.redis.url`). Where both say the same, the version does not matter.
fn beside_spring_url(made: &mut Connection, url: &str, database: Option<&str>) -> Result<(), Why> {
    let Some(database) = database else { return Ok(()) };
    let number = redis::number(database)?;
    let path = Dialect::RedisRs.parse(url).ok().and_then(|read| read.namespace.database.value().cloned());
    made.namespace.database = if path.as_ref() == Some(&number) {
        Part::Given(number)
    } else {
        made.remark(Remark::DatabaseInPathMayBeIgnored);
        Part::Unknown
    };
    Ok(())
}

/// What a URL says wins over the parts. What it leaves out, some take from the parts (Laravel's ConfigurationUrlParser merges them) and
/// some do not; so it is unknown. A prefix cannot be said by most URLs and is taken.
fn beside_url<'a>(made: &mut Connection, text: &impl Fn(Role) -> Option<&'a str>) -> Result<(), Why> {
    if let Some(prefix) = text(Role::Prefix).filter(|_| made.namespace.prefix == Part::Absent) {
        made.namespace.prefix = Part::Given(prefix.to_owned());
    }
    if let Some(mut database) = text(Role::Database).map(str::to_owned) {
        if made.kind == Kind::Redis {
            database = redis::number(&database)?;
        }
        let left_out = !matches!(made.namespace.database, Part::Given(_));
        if left_out && made.namespace.database.value() != Some(&database) {
            made.namespace.database = Part::Unknown;
        }
    }
    for (part, role) in [(&mut made.user, Role::User), (&mut made.password, Role::Password)] {
        let other = text(role).filter(|said| part.value().is_none_or(|known| known.reveal() != *said));
        if other.is_some() && !matches!(part, Part::Given(_)) {
            *part = Part::Unknown;
        }
    }
    Ok(())
}

fn failed(why: Why) -> ParseError {
    ParseError { dialect: Dialect::DatabaseUrl, why }
}

fn by_parts<'a>(kind: Kind, text: &impl Fn(Role) -> Option<&'a str>) -> Result<Connection, Why> {
    if kind == Kind::Postgres {
        return postgres(text);
    }
    if kind == Kind::Sqlite {
        let path = text(Role::Database).ok_or("there is no database")?;
        return super::sqlite::parse_file(path);
    }
    let encrypted = text(Role::Tls).map(is_on);
    let scheme = text(Role::Scheme);
    let over_tls =
        matches!(encrypted, Some(Some(true))) || matches!(scheme, Some("tls" | "rediss" | "amqps" | "smtps" | "ssl"));
    let mut made = Connection::new(kind, places(kind, over_tls, text)?);
    made.login(text(Role::User).map(str::to_owned), text(Role::Password).map(str::to_owned));
    made.namespace.prefix = Part::given(text(Role::Prefix).map(str::to_owned));
    made.group = Part::given(text(Role::Master).map(str::to_owned));
    let database = text(Role::Database).map(str::to_owned);
    match kind {
        Kind::Redis => {
            let number = database.map(|text| redis::number(&text)).transpose()?;
            let mut filled = redis::connection(
                made.endpoints.clone(),
                Part::given_or(number, "0".to_owned()),
                text(Role::User).map(str::to_owned),
                text(Role::Password).map(str::to_owned),
            );
            filled.namespace.prefix = made.namespace.prefix.clone();
            filled.group = made.group.clone();
            made = filled;
        }
        Kind::Amqp => made.namespace.vhost = Part::given_or(text(Role::Vhost).map(str::to_owned), "/".to_owned()),
        _ => made.namespace.database = Part::given(database),
    }
    let off_by_default = matches!(kind, Kind::Redis | Kind::Amqp | Kind::Memcached | Kind::Mongodb);
    made.tls = match (over_tls, encrypted) {
        (true, _) => Part::Given(Tls::On),
        (false, Some(None)) => Part::Unknown,
        (false, Some(Some(_))) => Part::Given(Tls::Off),
        (false, None) if off_by_default => Part::Default(Tls::Off),
        (false, None) => Part::Absent,
    };
    if let Some(path) = text(Role::Authorities) {
        made.options.insert("sslca", SecretText::new(path));
        // With authorities MySQL's clients encrypt, and how far they verify is their own matter.
        if kind == Kind::Mysql && made.tls == Part::Absent {
            made.tls = Part::Given(Tls::On);
        }
    }
    if let Some(mode) = text(Role::SslMode).filter(|_| kind == Kind::Mysql) {
        made.tls = super::mysql::mode_level(mode).map_or(Part::Unknown, Part::Given);
    }
    if kind == Kind::Mysql && text(Role::Host) == Some("localhost") && text(Role::Socket).is_none() {
        made.remark(Remark::LocalhostMayBeSocket);
    }
    Ok(made)
}

fn places<'a>(kind: Kind, over_tls: bool, text: &impl Fn(Role) -> Option<&'a str>) -> Result<Part<Endpoints>, Why> {
    let default = match kind {
        Kind::Redis if text(Role::Master).is_some() => redis::SENTINEL_PORT,
        Kind::Redis => redis::PORT,
        Kind::Mysql => super::mysql::PORT,
        Kind::SqlServer => super::sqlserver::PORT,
        Kind::Mongodb => 27017,
        Kind::Amqp if over_tls => 5671,
        Kind::Amqp => 5672,
        Kind::Memcached => 11211,
        Kind::Oracle => 1521,
        // Mail's default port depends on the client.
        _ => 0,
    };
    if let Some(nodes) = text(Role::Nodes) {
        let list = nodes.split(',').map(|place| host_port(place.trim(), default)).collect::<Result<Vec<_>, _>>()?;
        let meaning = match (text(Role::Master), kind) {
            (Some(_), _) => Meaning::Sentinels,
            (None, Kind::Amqp) => Meaning::Failover,
            (None, _) => Meaning::Seeds,
        };
        return Ok(Part::Given(Endpoints { list, meaning }));
    }
    if let Some(path) = text(Role::Socket).filter(|path| path.starts_with('/')) {
        return Ok(Part::Given(Endpoints::one(Endpoint::Socket(tidy_path(path)))));
    }
    let port = text(Role::Port).map(read_port).transpose()?;
    let Some(host) = text(Role::Host) else {
        // The application fills the host in.
        return Ok(Part::Unknown);
    };
    if host.starts_with('/') {
        return Ok(Part::Given(Endpoints::one(Endpoint::Socket(tidy_path(host)))));
    }
    // Laravel takes tls://host for encrypted phpredis; the scheme is the transport's.
    let host = host.split_once("://").map_or(host, |(_, host)| host);
    let port = match port {
        Some(port) => Part::Given(port),
        None if default == 0 => Part::Unknown,
        None => Part::Default(default),
    };
    if kind == Kind::SqlServer && host.contains(['\\', ',']) {
        return Ok(Part::Given(Endpoints::one(super::sqlserver::server(host)?)));
    }
    let endpoint = match host_port(host, default.max(1))? {
        Endpoint::Tcp { host, port: Part::Given(own) } => Endpoint::Tcp { host, port: Part::Given(own) },
        Endpoint::Tcp { host, .. } => Endpoint::Tcp { host, port },
        other => other,
    };
    Ok(Part::Given(Endpoints::one(endpoint)))
}

/// PostgreSQL's parts are libpq's words: what libpq fills in counts.
fn postgres<'a>(text: &impl Fn(Role) -> Option<&'a str>) -> Result<Connection, Why> {
    let mut words = libpq::Words::new();
    for (role, name) in [
        (Role::Port, "port"),
        (Role::Database, "dbname"),
        (Role::User, "user"),
        (Role::Password, "password"),
        (Role::SslMode, "sslmode"),
        (Role::Authorities, "sslrootcert"),
        (Role::Schema, "schema"),
    ] {
        if let Some(value) = text(role) {
            words.insert(name.to_owned(), value.to_owned());
        }
    }
    if let Some(host) = text(Role::Host).or(text(Role::Socket)) {
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if !host.starts_with('/') {
            Host::parse(bracketed)?;
        }
        words.insert("host".to_owned(), bracketed.to_owned());
    }
    libpq::complete(words, &Surroundings::default())
}
