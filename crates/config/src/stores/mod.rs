//! Connection strings, understood as the client that reads them does.
//!
//! Only the basic form of a URL is portable: the same text can lead two clients to two databases. So a text is always read in a [`Dialect`],
//! or in each of those that a [`guess()`] leaves open, and what they disagree about is unknown. [`compare()`] never takes unknown for equal.
//! Configuration by parts (`REDIS_HOST`, `REDIS_PORT`, ...) is put together by [`assemble()`] into the same [`Connection`].
//!
//! Nothing here does I/O: `PG*` variables and pg_service.conf come in as values ([`Surroundings`]). No error, `Debug` or `Display` quotes a
//! user, a password, the value of a setting, or anything that does not look like a plain name.
//!
//! To add a dialect, copy the shape of `amqp.rs` and name it in [`Dialect`]; say in its doc comment which version of
//! the library's source or documentation each rule comes from.

mod ado;
mod amqp;
mod assembled;
mod compare;
mod connection;
mod database_url;
mod dialect;
mod endpoint;
mod families;
mod guess;
mod http;
mod jdbc;
mod keywords;
mod libpq;
mod memcached;
mod mongodb;
mod mysql;
mod oracle;
mod outline;
mod part;
mod pdo;
mod pg_service;
mod redis;
mod remark;
mod settings;
mod smtp;
mod sqlite;
mod sqlserver;
mod url;

pub use assembled::{Assembled, assemble, may_be_part};
pub use compare::{Comparison, Placement, Same, Verdict, compare, compare_outlines};
pub use connection::{Connection, Kind, Namespace, Tls};
pub use dialect::{Dialect, ParseError, Surroundings};
pub use endpoint::{Endpoint, Endpoints, Host, Meaning};
pub use guess::{Guess, guess};
pub use outline::{At, Named, Outline, Places};
pub use part::Part;
pub use remark::Remark;

/// A part of a connection that can be the same or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// What kind of store.
    Kind,
    /// Where.
    Endpoints,
    /// In which order the same endpoints are tried, where that decides.
    Order,
    /// The name of the group of endpoints.
    Group,
    /// The database.
    Database,
    /// The schema or search path.
    Schema,
    /// The virtual host.
    Vhost,
    /// The key prefix.
    Prefix,
    /// The path of a base URL.
    Path,
    /// The user.
    User,
    /// The password.
    Password,
    /// The encryption.
    Tls,
    /// Settings that matter.
    Options,
    /// Settings that only tune.
    Tuning,
}

impl Component {
    /// In a word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Kind => "kind of store",
            Self::Endpoints => "server",
            Self::Order => "order of servers",
            Self::Group => "group of servers",
            Self::Database => "database",
            Self::Schema => "schema",
            Self::Vhost => "virtual host",
            Self::Prefix => "key prefix",
            Self::Path => "path",
            Self::User => "user",
            Self::Password => "password",
            Self::Tls => "encryption",
            Self::Options => "options",
            Self::Tuning => "tuning",
        }
    }
}
