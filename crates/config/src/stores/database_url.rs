//! `DATABASE_URL`: one variable, and the scheme says what it is (Rails' database URLs, dj-database-url, Doctrine's DsnParser, SQLAlchemy's
//! `make_url`, Prisma). Drivers after a `+` are dropped; settings of the framework are kept and weighed, not refused.

use super::connection::Connection;
use super::dialect::{Dialect, Surroundings};
use super::endpoint::Why;
use super::{jdbc, libpq, mongodb, mysql, sqlite, sqlserver};

/// Reads a database URL.
pub(super) fn parse(text: &str, around: &Surroundings<'_>) -> Result<Connection, Why> {
    let text = text.trim();
    if text.starts_with("jdbc:") {
        return jdbc::parse(text);
    }
    if text.starts_with("file:") {
        return sqlite::parse_file(text);
    }
    let (scheme, rest) = text.split_once(':').ok_or("there is no scheme")?;
    let lower = scheme.to_ascii_lowercase();
    if sqlite::is_scheme(&lower) {
        return either_sqlite(text);
    }
    if mysql::is_scheme(&lower) {
        return mysql::parse_url(text);
    }
    match lower.split('+').next().unwrap_or_default() {
        "mongodb" => mongodb::parse(text),
        "postgres" | "postgresql" | "pgsql" | "postgis" | "pdo-pgsql" | "pdo_pgsql" | "psql" => {
            let rest = rest.strip_prefix("//").ok_or("there is no :// after the scheme")?;
            libpq::complete(libpq::uri(rest, libpq::Unknown::Kept)?, around)
        }
        "sqlserver" | "mssql" | "sqlsrv" | "pdo-sqlsrv" => sqlserver::parse_url(text),
        _ => Err("a scheme that is no database"),
    }
}

/// Frameworks count the slashes differently; where it decides, the file is unknown.
fn either_sqlite(text: &str) -> Result<Connection, Why> {
    let (counted, plain) = (Dialect::SqliteUrl.parse(text), Dialect::SqliteSqlx.parse(text));
    match (counted, plain) {
        (Ok(counted), Ok(plain)) => counted.agreed(&plain).map_err(|_| "readings differ in kind"),
        (Ok(only), Err(_)) | (Err(_), Ok(only)) => Ok(only),
        (Err(refused), Err(_)) => Err(refused.why),
    }
}
