//! Redis' clients.

mod php;
mod rules;
mod stackexchange;
mod url;

pub(super) use php::parse_save_path;
pub(super) use stackexchange::parse_stackexchange;
pub(super) use url::parse_url;

use super::connection::{Connection, Kind};
use super::endpoint::{Endpoints, Why};
use super::part::Part;
use crate::secret::SecretText;

/// Redis' own default.
pub(super) const PORT: u16 = 6379;
/// Sentinel's.
pub(super) const SENTINEL_PORT: u16 = 26379;

/// A connection with what Redis itself fills in: database 0, and the user `default` for a password alone (AUTH, since Redis 6).
pub(super) fn connection(
    endpoints: Part<Endpoints>,
    database: Part<String>,
    user: Option<String>,
    password: Option<String>,
) -> Connection {
    let mut made = Connection::new(Kind::Redis, endpoints);
    made.namespace.database = database;
    made.login(user, password);
    if made.user == Part::Absent && made.password != Part::Absent {
        made.user = Part::Default(SecretText::new("default"));
    }
    made
}

/// A database's number in one spelling.
pub(super) fn number(text: &str) -> Result<String, Why> {
    match text.parse::<u32>() {
        Ok(number) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number.to_string()),
        _ => Err("a database is not a number"),
    }
}
