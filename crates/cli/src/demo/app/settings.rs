//! What the application reads from its environment.

use std::path::PathBuf;

use super::Role;

/// The configuration of one service.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) port: u16,
    /// Where the service's own files are: the release's folder.
    pub(super) files: PathBuf,
    /// The SQLite file of the sessions.
    pub(super) session_store: PathBuf,
    /// The SQLite file of the accounts; the front's alone.
    pub(super) accounts_db: Option<PathBuf>,
    /// What the pages call the shop.
    pub(super) shop_name: String,
    /// The password of the account `probe`, which the front keeps for the checks of its operators.
    pub(super) probe_password: Option<String>,
}

/// What is wrong with the environment.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadSettings {
    #[error("{0} is not set")]
    Missing(&'static str),
    #[error("PORT is not a port")]
    Port,
    #[error("the current folder cannot be read")]
    Folder(#[source] std::io::Error),
}

impl Settings {
    pub(super) fn from_env(role: Role) -> Result<Self, BadSettings> {
        let text = |key| std::env::var(key).map_err(|_| BadSettings::Missing(key));
        Ok(Self {
            port: text("PORT")?.parse().map_err(|_| BadSettings::Port)?,
            files: std::env::current_dir().map_err(BadSettings::Folder)?,
            session_store: text("SESSION_STORE")?.into(),
            accounts_db: match role {
                Role::Front => Some(text("ACCOUNTS_DB")?.into()),
                Role::Component => None,
            },
            shop_name: text("SHOP_NAME").unwrap_or_else(|_| "Shop".to_owned()),
            probe_password: text("PROBE_PASSWORD").ok(),
        })
    }
}
