//! Where a store is: hosts, sockets, files.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::part::Part;

/// Why a text could not be read. Always a fixed sentence: it can quote nothing.
pub(super) type Why = &'static str;

/// A bound on the endpoints of one connection: comparing lists takes the product of their lengths.
pub(super) const MOST: usize = 256;
pub(super) const CROWDED: Why = "there are more endpoints than any client is given";

/// A host in one spelling: lower case, without the trailing dot (RFC 4343, RFC 1034 3.1), addresses in their canonical form
/// (RFC 5952; an IPv4-mapped IPv6 address as IPv4). Holds only characters that host names and addresses have.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Host(String);

impl Host {
    pub(super) fn parse(text: &str) -> Result<Self, Why> {
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        let (bare, zone) = match bare.split_once('%') {
            Some((address, zone)) if address.contains(':') => (address, Some(zone)),
            _ => (bare, None),
        };
        if bare.is_empty() {
            return Err("a host is empty");
        }
        let may_be = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        if !bare.chars().all(may_be) || !zone.unwrap_or_default().chars().all(may_be) {
            return Err("a host has a character that no host name has");
        }
        if let Ok(address) = bare.parse::<Ipv6Addr>() {
            let plain = address.to_ipv4_mapped().map_or_else(|| address.to_string(), |mapped| mapped.to_string());
            return Ok(Self(zone.map_or(plain.clone(), |zone| format!("{plain}%{zone}"))));
        }
        let name = bare.strip_suffix('.').unwrap_or(bare).to_lowercase();
        if name.is_empty() {
            return Err("a host is empty");
        }
        Ok(Self(name))
    }

    pub(super) fn localhost() -> Self {
        Self("localhost".to_owned())
    }

    /// The host as written out.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names the machine that asks: `localhost` and names below it (RFC 6761 6.3), 127.0.0.0/8, `::1`.
    pub fn is_loopback(&self) -> bool {
        self.0 == "localhost"
            || self.0.ends_with(".localhost")
            || self.0.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
            || self.0.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

/// One place where a store may answer.
#[derive(Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A host and a port; the port is unknown when only a name service could say it.
    Tcp {
        /// The host.
        host: Host,
        /// The port.
        port: Part<u16>,
    },
    /// A unix socket.
    Socket(String),
    /// The socket that the client was compiled for; PostgreSQL's has a port in its name.
    DefaultSocket(Option<u16>),
    /// A named instance of SQL Server, whose port its browser service knows.
    Instance {
        /// The host.
        host: Host,
        /// The instance, lower-cased.
        name: String,
    },
    /// SQL Server LocalDB, of the user who runs the process.
    LocalDb(String),
    /// A named pipe.
    Pipe(String),
    /// A name whose SRV records name the hosts.
    Srv(Host),
    /// A file.
    File(String),
    /// A database within the process's memory.
    Memory,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.as_str().contains(':') => write!(f, "[{host:?}]:{port:?}"),
            Self::Tcp { host, port } => write!(f, "{host:?}:{port:?}"),
            Self::Socket(path) => write!(f, "socket {}", shown(path)),
            Self::DefaultSocket(Some(port)) => write!(f, "the default socket {port}"),
            Self::DefaultSocket(None) => f.write_str("the default socket"),
            Self::Instance { host, name } => write!(f, "{host:?}, instance {}", shown(name)),
            Self::LocalDb(name) => write!(f, "LocalDB {}", shown(name)),
            Self::Pipe(name) => write!(f, "pipe {}", shown(name)),
            Self::Srv(host) => write!(f, "the SRV records of {host:?}"),
            Self::File(path) => write!(f, "file {}", shown(path)),
            Self::Memory => f.write_str("memory"),
        }
    }
}

/// What several endpoints mean to the client; for one it makes no difference, except [`Self::Sentinels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Tried in this order: libpq without `load_balance_hosts`, Connector/J, Failover Partner.
    Failover,
    /// Tried in any order until the one that takes writes is found: libpq with `target_session_attrs=primary` or `read-write`.
    AnyPrimary,
    /// Any of them tells the others: Redis Cluster, MongoDB replica sets, several endpoints of StackExchange.Redis.
    Seeds,
    /// Watchers that say where the store is: Redis Sentinel. A set: <https://redis.io/docs/latest/develop/reference/sentinel-clients/>.
    Sentinels,
    /// Each key has its place by consistent hashing: the members decide, not their order (ketama).
    Ring,
    /// Each key has its place by a position in the list.
    OrderedRing,
    /// Each key has its place, and whether the order decides depends on the client.
    SomeRing,
}

/// The endpoints, in the order of the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Never empty.
    pub list: Vec<Endpoint>,
    /// What several mean.
    pub meaning: Meaning,
}

impl Endpoints {
    pub(super) fn one(endpoint: Endpoint) -> Self {
        Self { list: vec![endpoint], meaning: Meaning::Failover }
    }

    pub(super) fn tcp(host: Host, port: Part<u16>) -> Self {
        Self::one(Endpoint::Tcp { host, port })
    }
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, endpoint) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{endpoint:?}")?;
        }
        if self.list.len() > 1 || self.meaning == Meaning::Sentinels {
            write!(f, " ({:?})", self.meaning)?;
        }
        Ok(())
    }
}

/// A name as it may be printed. When a connection string is miswritten, a part of a password can end up where a host, a path or a database
/// is read; so what does not look like a plain name is not printed.
pub(super) fn shown(text: &str) -> String {
    let plain = text.len() <= 128
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ' ' | ':' | '%' | '$'))
        && !text.contains("//");
    let lower = text.to_lowercase();
    let suspicious =
        ["password", "passwd", "pwd", "secret", "auth", "token", "pass"].iter().any(|word| lower.contains(word));
    if plain && !suspicious { text.to_owned() } else { "***".to_owned() }
}

/// Reads `host`, `host:port`, `[v6]` and `[v6]:port`.
pub(super) fn host_port(text: &str, default: u16) -> Result<Endpoint, Why> {
    let (host, port) = split_host_port(text)?;
    let port = port.map(read_port).transpose()?;
    Ok(Endpoint::Tcp { host: Host::parse(host)?, port: Part::given_or(port, default) })
}

pub(super) fn split_host_port(text: &str) -> Result<(&str, Option<&str>), Why> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or("an IPv6 address has no closing bracket")?;
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port).filter(|port| !port.is_empty()))),
            None if after.is_empty() => Ok((host, None)),
            None => Err("something follows an IPv6 address that is no port"),
        };
    }
    match text.split_once(':') {
        Some((_, rest)) if rest.contains(':') => Err("a host has more than one colon"),
        Some((host, port)) => Ok((host, Some(port).filter(|port| !port.is_empty()))),
        None => Ok((text, None)),
    }
}

pub(super) fn read_port(text: &str) -> Result<u16, Why> {
    // u16's own parser takes a leading plus.
    match text.trim().parse() {
        Ok(port) if port > 0 && text.trim().bytes().all(|byte| byte.is_ascii_digit()) => Ok(port),
        _ => Err("a port is not a number from 1 to 65535"),
    }
}

/// A path without `.` and doubled slashes. `..` stays: it may follow a symbolic link.
pub(super) fn tidy_path(path: &str) -> String {
    let steps: Vec<_> = path.split('/').filter(|step| !step.is_empty() && *step != ".").collect();
    format!("{}{}", if path.starts_with('/') { "/" } else { "" }, steps.join("/"))
}
