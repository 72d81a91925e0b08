//! The users' accounts: the data that no release may lose.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _};

use super::database::{Database, Durability};
use super::password;

/// Accounts in a SQLite file. A sign-up that was answered has reached the disk.
pub(super) struct Accounts(Database);

/// Why an account was not created.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignUpError {
    #[error("the name is taken")]
    Taken,
    #[error("the accounts cannot be written")]
    Database(#[from] rusqlite::Error),
    #[error("no randomness for a salt")]
    Random(#[from] std::io::Error),
}

impl Accounts {
    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        let schema = "CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, password TEXT NOT NULL) STRICT";
        Database::open(path, Durability::Full, schema).map(Self)
    }

    pub(super) fn sign_up(&self, name: &str, password: &str) -> Result<(), SignUpError> {
        let hash = password::hash(password)?;
        let inserted = self.0.with(|accounts| {
            accounts.prepare_cached("INSERT INTO accounts (name, password) VALUES (?1, ?2)")?.execute([name, &hash])
        });
        match inserted {
            Ok(_) => Ok(()),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Err(SignUpError::Taken),
            Err(error) => Err(error.into()),
        }
    }

    /// Creates the account, or gives it this password when it is there.
    pub(super) fn ensure(&self, name: &str, password: &str) -> Result<(), SignUpError> {
        let hash = password::hash(password)?;
        let sql = "INSERT INTO accounts (name, password) VALUES (?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET password = excluded.password";
        self.0.with(|accounts| accounts.execute(sql, [name, &hash]))?;
        Ok(())
    }

    /// Whether the account exists and has this password.
    pub(super) fn has(&self, name: &str, password: &str) -> rusqlite::Result<bool> {
        let stored: Option<String> = self.0.with(|accounts| {
            accounts
                .prepare_cached("SELECT password FROM accounts WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()
        })?;
        Ok(stored.is_some_and(|stored| password::matches(&stored, password)))
    }

    /// Whether the file answers.
    pub(super) fn ping(&self) -> rusqlite::Result<()> {
        self.0.with(|accounts| {
            accounts.query_row("SELECT count(*) FROM (SELECT 1 FROM accounts LIMIT 1)", [], |_| Ok(()))
        })
    }
}

/// How many of `names` have an account in the file at `path`.
pub(crate) fn accounts_present<'a>(path: &Path, names: impl IntoIterator<Item = &'a str>) -> rusqlite::Result<u64> {
    let accounts = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut found = accounts.prepare("SELECT 1 FROM accounts WHERE name = ?1")?;
    names.into_iter().try_fold(0, |count, name| Ok(count + u64::from(found.exists([name])?)))
}
