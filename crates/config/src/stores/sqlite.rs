//! SQLite: paths, SQLite's own URIs (<https://www.sqlite.org/uri.html>), and the `sqlite:` URLs of frameworks.

use super::connection::{Connection, Kind};
use super::endpoint::{Endpoint, Endpoints, Why, tidy_path};
use super::part::Part;
use super::remark::Remark;
use super::settings::{Coding, Settings};
use super::url::decode;

/// How the slashes after `sqlite:` are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Slashes {
    /// SQLAlchemy 2, dj-database-url 2, Doctrine DBAL 4: `sqlite:///relative`, `sqlite:////absolute`.
    Sqlalchemy,
    /// sqlx 0.8 SqliteConnectOptions: `sqlite://` and then the path.
    Sqlx,
}

/// Reads a path, `:memory:`, or `file:` as SQLite itself does.
pub(super) fn parse_file(text: &str) -> Result<Connection, Why> {
    let Some(rest) = text.strip_prefix("file:") else {
        return file(text, Settings::default());
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let path = match path.strip_prefix("//") {
        // The authority must be empty or localhost.
        Some(rest) => {
            let at = rest.find('/').unwrap_or(rest.len());
            if !matches!(&rest[..at], "" | "localhost") {
                return Err("a file URI names another host");
            }
            &rest[at..]
        }
        None => path,
    };
    file(&decode(path)?, Settings::of_query(query, Coding::Percent)?)
}

/// Reads `sqlite:`, `sqlite3:`, `sqlite+driver:`, `pdo-sqlite:`.
pub(super) fn parse_url(text: &str, slashes: Slashes) -> Result<Connection, Why> {
    let (scheme, rest) = text.split_once(':').ok_or("there is no scheme")?;
    if !is_scheme(scheme) {
        return Err("the scheme is not SQLite's");
    }
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let settings = Settings::of_query(query, Coding::Form)?;
    let path = match (path.strip_prefix("//"), slashes) {
        (None, _) => path,
        (Some(""), _) => ":memory:",
        (Some(rest), _) if rest.trim_start_matches('/') == ":memory:" => ":memory:",
        (Some(rest), Slashes::Sqlx) => rest,
        (Some(rest), Slashes::Sqlalchemy) => {
            rest.strip_prefix('/').ok_or("two slashes and a name: a host, which SQLite has not")?
        }
    };
    file(&decode(path)?, settings)
}

pub(super) fn is_scheme(scheme: &str) -> bool {
    matches!(scheme.split('+').next().unwrap_or_default(), "sqlite" | "sqlite3" | "pdo-sqlite" | "pdo_sqlite")
}

/// A database in this file.
pub(super) fn file(path: &str, mut settings: Settings) -> Result<Connection, Why> {
    if path.chars().any(char::is_control) {
        return Err("there is a control character");
    }
    let memory = matches!(path, ":memory:" | "")
        || settings.take(&["mode"]).is_some_and(|mode| {
            let memory = mode == "memory";
            if !memory {
                settings.add("mode", mode);
            }
            memory
        });
    let relative = !memory && !path.starts_with('/') && !path.starts_with("%kernel") && !is_windows(path);
    let endpoint = if memory { Endpoint::Memory } else { Endpoint::File(tidy_path(path)) };
    let mut made = Connection::new(Kind::Sqlite, Part::Given(Endpoints::one(endpoint)));
    if memory {
        made.remark(Remark::InMemory);
    }
    if relative {
        made.remark(Remark::RelativePath);
    }
    made.weigh(settings);
    Ok(made)
}

fn is_windows(path: &str) -> bool {
    let mut chars = path.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
}
