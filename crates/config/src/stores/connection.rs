//! What a connection string says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Component;
use super::endpoint::{Endpoints, shown};
use super::part::Part;
use super::remark::Remark;
use super::settings::{Settings, Weight, weigh};
use crate::secret::SecretText;

/// What kind of store answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Redis and its likes (Valkey, KeyDB).
    Redis,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// Microsoft SQL Server.
    SqlServer,
    /// Oracle Database.
    Oracle,
    /// SQLite.
    Sqlite,
    /// MongoDB.
    Mongodb,
    /// A broker that speaks AMQP 0-9-1.
    Amqp,
    /// memcached.
    Memcached,
    /// A mail server.
    Smtp,
    /// Something that speaks HTTP.
    Http,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redis => "Redis",
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::SqlServer => "SQL Server",
            Self::Oracle => "Oracle",
            Self::Sqlite => "SQLite",
            Self::Mongodb => "MongoDB",
            Self::Amqp => "AMQP",
            Self::Memcached => "memcached",
            Self::Smtp => "SMTP",
            Self::Http => "HTTP",
        })
    }
}

/// How a connection is encrypted, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Never.
    Off,
    /// Only if the server insists (libpq `allow`).
    Allow,
    /// If the server can (libpq `prefer`, MySQL `PREFERRED`, opportunistic STARTTLS).
    Prefer,
    /// Always, whoever answers.
    Unverified,
    /// Always; how far the server is verified is the client's own default.
    On,
    /// Always; the certificate must be of a known authority.
    VerifyCa,
    /// Always; the certificate must be of this host.
    VerifyFull,
}

/// Where within a server.
#[derive(Clone, PartialEq, Eq)]
pub struct Namespace {
    /// The database: Redis' number, or a name.
    pub database: Part<String>,
    /// The schema or search path, where the text can name one.
    pub schema: Part<String>,
    /// AMQP's virtual host.
    pub vhost: Part<String>,
    /// What all keys begin with.
    pub prefix: Part<String>,
    /// The path of a base URL.
    pub path: Part<String>,
}

/// What a connection string says. Neither `Debug` nor `Display` prints user, password or the value of any setting.
#[derive(Clone, PartialEq, Eq)]
pub struct Connection {
    /// What answers there.
    pub kind: Kind,
    /// Where.
    pub endpoints: Part<Endpoints>,
    /// The name by which watchers or members know the store: Sentinel's master, MongoDB's replica set, Oracle's service or SID.
    pub group: Part<String>,
    /// Where within it.
    pub namespace: Namespace,
    /// As whom.
    pub user: Part<SecretText>,
    /// With what.
    pub password: Part<SecretText>,
    /// How encrypted.
    pub tls: Part<Tls>,
    /// Settings that change what is found or understood, under fixed names.
    pub options: BTreeMap<&'static str, SecretText>,
    /// Settings that change speed, patience or a label only.
    pub tuning: BTreeMap<String, SecretText>,
    /// Settings that nobody here knows: where they differ, nothing is known.
    pub unread: BTreeMap<String, SecretText>,
    /// Ways to be bitten.
    pub remarks: BTreeSet<Remark>,
}

impl Connection {
    pub(super) fn new(kind: Kind, endpoints: Part<Endpoints>) -> Self {
        Self {
            kind,
            endpoints,
            group: Part::Absent,
            namespace: Namespace {
                database: Part::Absent,
                schema: Part::Absent,
                vhost: Part::Absent,
                prefix: Part::Absent,
                path: Part::Absent,
            },
            user: Part::Absent,
            password: Part::Absent,
            tls: Part::Absent,
            options: BTreeMap::new(),
            tuning: BTreeMap::new(),
            unread: BTreeMap::new(),
            remarks: BTreeSet::new(),
        }
    }

    pub(super) fn remark(&mut self, remark: Remark) {
        self.remarks.insert(remark);
    }

    pub(super) fn login(&mut self, user: Option<String>, password: Option<String>) {
        self.user = Part::given(user.map(SecretText::new));
        self.password = Part::given(password.map(SecretText::new));
    }

    /// Sorts what no dialect took into what matters, tunes, or is not known.
    pub(super) fn weigh(&mut self, settings: Settings) {
        if settings.contradict() {
            self.remark(Remark::SaidTwice);
        }
        for (name, value) in settings.into_pairs() {
            let value = SecretText::new(value);
            match weigh(&name) {
                Weight::Matters(known) => drop(self.options.insert(known, value)),
                Weight::Tuning => drop(self.tuning.insert(name, value)),
                Weight::Unread => drop(self.unread.insert(name, value)),
            }
        }
    }

    /// The components about which nothing is known.
    pub fn unknown(&self) -> Vec<Component> {
        let space = &self.namespace;
        [
            (Component::Endpoints, self.endpoints.is_unknown()),
            (Component::Group, self.group.is_unknown()),
            (Component::Database, space.database.is_unknown()),
            (Component::Schema, space.schema.is_unknown()),
            (Component::Vhost, space.vhost.is_unknown()),
            (Component::Prefix, space.prefix.is_unknown()),
            (Component::Path, space.path.is_unknown()),
            (Component::User, self.user.is_unknown()),
            (Component::Password, self.password.is_unknown()),
            (Component::Tls, self.tls.is_unknown()),
        ]
        .into_iter()
        .filter_map(|(component, unknown)| unknown.then_some(component))
        .collect()
    }

    /// What two readings of one text agree on. `Err` when they are not even of one kind.
    pub(super) fn agreed(mut self, other: &Self) -> Result<Self, Kind> {
        if self.kind != other.kind {
            return Err(other.kind);
        }
        let before = self.unknown();
        self.endpoints = self.endpoints.agreed(&other.endpoints);
        self.group = self.group.agreed(&other.group);
        self.namespace.database = self.namespace.database.agreed(&other.namespace.database);
        self.namespace.schema = self.namespace.schema.agreed(&other.namespace.schema);
        self.namespace.vhost = self.namespace.vhost.agreed(&other.namespace.vhost);
        self.namespace.prefix = self.namespace.prefix.agreed(&other.namespace.prefix);
        self.namespace.path = self.namespace.path.agreed(&other.namespace.path);
        self.user = self.user.agreed(&other.user);
        self.password = self.password.agreed(&other.password);
        self.tls = self.tls.agreed(&other.tls);
        for component in self.unknown() {
            if !before.contains(&component) {
                self.remark(Remark::Ambiguous(component));
            }
        }
        // A setting that one reading took for a component and another left alone was accounted for by that component.
        self.options.retain(|name, value| other.options.get(name) == Some(value));
        self.tuning.retain(|name, value| other.tuning.get(name) == Some(value));
        self.unread.retain(|name, value| other.unread.get(name) == Some(value));
        // A remark is about one client; those of several are kept when they all make it.
        self.remarks.retain(|remark| other.remarks.contains(remark) || matches!(remark, Remark::Ambiguous(_)));
        Ok(self)
    }
}

struct Shown<'a>(&'a Part<String>);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Part::Given(text) => f.write_str(&shown(text)),
            Part::Default(text) => write!(f, "{} (default)", shown(text)),
            Part::Absent => f.write_str("absent"),
            Part::Unknown => f.write_str("unknown"),
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let space = &self.namespace;
        f.debug_struct("Connection")
            .field("kind", &self.kind)
            .field("endpoints", &self.endpoints)
            .field("group", &Shown(&self.group))
            .field("database", &Shown(&space.database))
            .field("schema", &Shown(&space.schema))
            .field("vhost", &Shown(&space.vhost))
            .field("prefix", &Shown(&space.prefix))
            .field("path", &Shown(&space.path))
            .field("user", &self.user)
            .field("password", &self.password)
            .field("tls", &self.tls)
            .field("options", &self.options.keys())
            .field("tuning", &self.tuning.len())
            .field("unread", &self.unread.len())
            .field("remarks", &self.remarks)
            .finish()
    }
}

/// One line for people: the kind, where, the namespace. Never who or with what.
impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        match &self.endpoints {
            Part::Given(endpoints) | Part::Default(endpoints) => write!(f, " at {}", plain_list(endpoints))?,
            Part::Absent | Part::Unknown => f.write_str(" at an unknown place")?,
        }
        let space = &self.namespace;
        for (word, part) in [
            ("group", &self.group),
            ("database", &space.database),
            ("schema", &space.schema),
            ("virtual host", &space.vhost),
            ("prefix", &space.prefix),
            ("path", &space.path),
        ] {
            match part {
                Part::Given(text) | Part::Default(text) => write!(f, ", {word} {}", shown(text))?,
                Part::Unknown => write!(f, ", {word} unknown")?,
                Part::Absent => {}
            }
        }
        Ok(())
    }
}

fn plain_list(endpoints: &Endpoints) -> String {
    let words: Vec<_> =
        endpoints.list.iter().map(|endpoint| format!("{endpoint:?}").replace(" (default)", "")).collect();
    words.join(", ")
}
