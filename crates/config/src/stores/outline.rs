//! A connection as a comparison sees it: its texts, or keyed fingerprints in their place.
//!
//! Everything that [`super::compare()`] asks of a text beside "is it the same" (does a host name the machine itself, is a path relative) is
//! said here apart from the text. So the same comparison serves those who have the texts and those who have only what was sealed of them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Component;
use super::connection::{Connection, Kind, Tls};
use super::endpoint::{Endpoint, Endpoints, Host, Meaning};
use super::part::Part;
use crate::secret::SecretText;

/// A connection without remarks. `T` is a text, or what stands for one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline<T> {
    /// What answers there.
    pub kind: Kind,
    /// Where.
    #[serde(default = "absent", skip_serializing_if = "Part::is_absent")]
    pub endpoints: Part<Places<T>>,
    /// The name of the group of endpoints.
    #[serde(default = "absent", skip_serializing_if = "Part::is_absent")]
    pub group: Part<T>,
    /// The database.
    #[serde(default = "absent", skip_serializing_if = "Part::is_absent")]
    pub database: Part<T>,
    /// The schema or search path.
    #[serde(default = "absent", skip_serializing_if = "Part::is_absent")]
    pub schema: Part<T>,
    /// AMQP's virtual host.
    #[serde(default = "absent", skip_serializing_if = "Part::is_absent")]
    pub vhost: Part<T>,
    /// What all keys begin with.
    #[serde(default = "absent", skip_serializing_if = "Part::is_absent")]
    pub prefix: Part<T>,
    /// The path of a base URL.
    #[serde(default = "absent", skip_serializing_if = "Part::is_absent")]
    pub path: Part<T>,
    /// As whom.
    #[serde(default = "absent", skip_serializing_if = "Part::is_absent")]
    pub user: Part<T>,
    /// With what.
    #[serde(default = "absent", skip_serializing_if = "Part::is_absent")]
    pub password: Part<T>,
    /// How encrypted.
    #[serde(default = "absent", skip_serializing_if = "Part::is_absent")]
    pub tls: Part<Tls>,
    /// All settings that change what is found or understood, as one text.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub options: Option<T>,
    /// All settings that change speed, patience or a label only.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub tuning: Option<T>,
    /// All settings that nobody here knows.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub unread: Option<T>,
}

/// The endpoints, in the order of the text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places<T> {
    /// Never empty.
    pub list: Vec<At<T>>,
    /// What several mean.
    pub meaning: Meaning,
}

/// One endpoint: see [`Endpoint`] for what each is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are those of Endpoint, whose fields are explained there")]
pub enum At<T> {
    Tcp { host: Named<T>, port: Part<T> },
    Socket(T),
    DefaultSocket(Option<T>),
    Instance { host: Named<T>, name: T },
    LocalDb(T),
    Pipe(T),
    Srv(T),
    File { path: T, relative: bool },
    Memory,
}

/// A host.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<T> {
    /// Its name or address, in one spelling.
    pub name: T,
    /// Whether it names the machine that asks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub loopback: bool,
    /// Whether it is a name without a dot, as networks of containers have.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dotless: bool,
}

/// For serde, which cannot name a variant as a default.
fn absent<T>() -> Part<T> {
    Part::Absent
}

fn none<T>() -> Option<T> {
    None
}

impl Connection {
    /// What a comparison looks at.
    pub fn outline(&self) -> Outline<Cow<'_, str>> {
        let space = &self.namespace;
        Outline {
            kind: self.kind,
            endpoints: self.endpoints.as_ref().map(Places::of),
            group: text(&self.group),
            database: text(&space.database),
            schema: text(&space.schema),
            vhost: text(&space.vhost),
            prefix: text(&space.prefix),
            path: text(&space.path),
            user: secret(&self.user),
            password: secret(&self.password),
            tls: self.tls.clone(),
            options: together(self.options.iter().map(|(name, value)| (*name, value))),
            tuning: together(settings(&self.tuning)),
            unread: together(settings(&self.unread)),
        }
    }
}

fn text(part: &Part<String>) -> Part<Cow<'_, str>> {
    part.as_ref().map(|text| Cow::Borrowed(text.as_str()))
}

fn secret(part: &Part<SecretText>) -> Part<Cow<'_, str>> {
    part.as_ref().map(|text| Cow::Borrowed(text.reveal()))
}

fn settings(all: &BTreeMap<String, SecretText>) -> impl Iterator<Item = (&str, &SecretText)> {
    all.iter().map(|(name, value)| (name.as_str(), value))
}

/// Settings as one text, each with its length before it, so that no two sets give the same.
fn together<'a>(settings: impl Iterator<Item = (&'a str, &'a SecretText)>) -> Option<Cow<'a, str>> {
    let pieces = settings.flat_map(|(name, value)| [name, value.reveal()]);
    let all = pieces.fold(String::new(), |all, piece| all + &piece.len().to_string() + ":" + piece);
    (!all.is_empty()).then_some(Cow::Owned(all))
}

impl<'a> Places<Cow<'a, str>> {
    fn of(endpoints: &'a Endpoints) -> Self {
        Self { list: endpoints.list.iter().map(At::of).collect(), meaning: endpoints.meaning }
    }
}

impl<'a> At<Cow<'a, str>> {
    fn of(endpoint: &'a Endpoint) -> Self {
        let named = |host: &'a Host| Named {
            name: host.as_str().into(),
            loopback: host.is_loopback(),
            dotless: !host.as_str().contains(['.', ':']),
        };
        match endpoint {
            Endpoint::Tcp { host, port } => {
                Self::Tcp { host: named(host), port: port.as_ref().map(|port| port.to_string().into()) }
            }
            Endpoint::Socket(path) => Self::Socket(path.into()),
            Endpoint::DefaultSocket(port) => Self::DefaultSocket(port.map(|port| port.to_string().into())),
            Endpoint::Instance { host, name } => Self::Instance { host: named(host), name: name.into() },
            Endpoint::LocalDb(name) => Self::LocalDb(name.into()),
            Endpoint::Pipe(name) => Self::Pipe(name.into()),
            Endpoint::Srv(host) => Self::Srv(host.as_str().into()),
            Endpoint::File(path) => Self::File { path: path.into(), relative: !path.starts_with('/') },
            Endpoint::Memory => Self::Memory,
        }
    }
}

impl<T> Outline<T> {
    /// The same with each text replaced. `make` is told which component a text is of: `host` and `port` for endpoints.
    pub fn map<'t, U>(&'t self, make: impl Fn(&'static str, &'t T) -> U) -> Outline<U> {
        let part = |component, part: &'t Part<T>| part.as_ref().map(|text| make(component, text));
        let whole = |component, all: &'t Option<T>| all.as_ref().map(|text| make(component, text));
        Outline {
            kind: self.kind,
            endpoints: self.endpoints.as_ref().map(|places| Places {
                list: places.list.iter().map(|at| at.map(&make)).collect(),
                meaning: places.meaning,
            }),
            group: part("group", &self.group),
            database: part("database", &self.database),
            schema: part("schema", &self.schema),
            vhost: part("vhost", &self.vhost),
            prefix: part("prefix", &self.prefix),
            path: part("path", &self.path),
            user: part("user", &self.user),
            password: part("password", &self.password),
            tls: self.tls.clone(),
            options: whole("options", &self.options),
            tuning: whole("tuning", &self.tuning),
            unread: whole("unread", &self.unread),
        }
    }
}

impl<T> At<T> {
    fn map<'t, U>(&'t self, make: impl Fn(&'static str, &'t T) -> U) -> At<U> {
        let named = |host: &'t Named<T>| Named {
            name: make("host", &host.name),
            loopback: host.loopback,
            dotless: host.dotless,
        };
        match self {
            Self::Tcp { host, port } => {
                At::Tcp { host: named(host), port: port.as_ref().map(|port| make("port", port)) }
            }
            Self::Socket(path) => At::Socket(make("socket", path)),
            Self::DefaultSocket(port) => At::DefaultSocket(port.as_ref().map(|port| make("port", port))),
            Self::Instance { host, name } => At::Instance { host: named(host), name: make("instance", name) },
            Self::LocalDb(name) => At::LocalDb(make("localdb", name)),
            Self::Pipe(name) => At::Pipe(make("pipe", name)),
            Self::Srv(host) => At::Srv(make("host", host)),
            Self::File { path, relative } => At::File { path: make("file", path), relative: *relative },
            Self::Memory => At::Memory,
        }
    }
}

impl<T> Outline<T> {
    /// Whether it leads to the machine itself, or to a name without a dot.
    pub fn is_local(&self) -> bool {
        self.endpoints.value().is_some_and(|places| {
            places.list.iter().all(|at| match at {
                At::Tcp { host, .. } => host.loopback || host.dotless,
                _ => true,
            })
        })
    }

    /// The port of each endpoint, as far as there is one.
    pub fn ports(&self) -> Vec<Option<&T>> {
        let places = self.endpoints.value().into_iter().flat_map(|places| &places.list);
        places
            .map(|at| match at {
                At::Tcp { port, .. } => port.value(),
                _ => None,
            })
            .collect()
    }

    /// The components that are not absent.
    pub fn components(&self) -> Vec<Component> {
        [
            (Component::Endpoints, !self.endpoints.is_absent()),
            (Component::Group, !self.group.is_absent()),
            (Component::Database, !self.database.is_absent()),
            (Component::Schema, !self.schema.is_absent()),
            (Component::Vhost, !self.vhost.is_absent()),
            (Component::Prefix, !self.prefix.is_absent()),
            (Component::Path, !self.path.is_absent()),
            (Component::User, !self.user.is_absent()),
            (Component::Password, !self.password.is_absent()),
            (Component::Tls, !self.tls.is_absent()),
            (Component::Options, self.options.is_some()),
        ]
        .into_iter()
        .filter_map(|(component, there)| there.then_some(component))
        .collect()
    }
}

impl<T: AsRef<str>> Outline<T> {
    /// The same, borrowed.
    pub fn borrowed(&self) -> Outline<Cow<'_, str>> {
        self.map(|_, text| Cow::Borrowed(text.as_ref()))
    }
}

/// The kind alone: of a plain one the texts are secrets.
impl<T> fmt::Debug for Outline<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outline({})", self.kind)
    }
}
