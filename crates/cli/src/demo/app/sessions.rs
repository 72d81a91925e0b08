//! Who is logged in, in a file that both services open.

use std::path::Path;

use rusqlite::OptionalExtension as _;

use super::database::{Database, Durability};
use super::password::{random_hex, sha256_hex};

/// Sessions in a SQLite file. Like most file-based stores it is created where it is missing: a wrong path is no error, just empty.
pub(super) struct Sessions(Database);

impl Sessions {
    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        let schema = "CREATE TABLE IF NOT EXISTS sessions (token TEXT PRIMARY KEY, user TEXT NOT NULL) STRICT";
        Database::open(path, Durability::Normal, schema).map(Self)
    }

    /// Starts a session and gives the token that the browser keeps. The file has only the token's hash.
    pub(super) fn start(&self, user: &str) -> Result<String, Box<dyn std::error::Error>> {
        let token = random_hex::<16>()?;
        self.0.with(|sessions| {
            sessions
                .prepare_cached("INSERT INTO sessions (token, user) VALUES (?1, ?2)")?
                .execute([&sha256_hex(&token), user])
        })?;
        Ok(token)
    }

    /// Whose session this is.
    pub(super) fn user(&self, token: &str) -> rusqlite::Result<Option<String>> {
        self.0.with(|sessions| {
            sessions
                .prepare_cached("SELECT user FROM sessions WHERE token = ?1")?
                .query_row([sha256_hex(token)], |row| row.get(0))
                .optional()
        })
    }
}
