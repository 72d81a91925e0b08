//! The demo's web application: two services by path that share their users' sessions. It is an application like any other: it knows
//! its environment variables and its files, and nothing of who deploys it.
//!
//! The *front* keeps accounts (sign-up, login) and pages; the *component* answers `/component/...` for users who are logged in. Which
//! session store each of them uses is named by its own configuration, as in life.
//!
//! [`settings`] reads the environment, [`front`] and [`component`] answer requests, [`serve`] is the server around them;
//! [`project`] writes the project's files, release by release.

mod accounts;
mod component;
mod database;
mod front;
mod message;
mod password;
mod project;
mod serve;
mod sessions;
mod settings;
mod template;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};

pub(crate) use accounts::accounts_present;
pub(crate) use project::{Ending, RELEASES, Release, accounts_database, write_project, write_release};

use settings::Settings;

/// Which of the two services runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Accounts, login and pages.
    Front,
    /// What stands under `/component`.
    Component,
}

/// Runs one service on `127.0.0.1:$PORT` until SIGTERM, then finishes the open requests. Its files are in the current folder.
pub(crate) fn run(role: Role) -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_env(role)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port))?;
    match role {
        Role::Front => serve::until_terminated(listener, front::Front::open(&settings)?),
        Role::Component => serve::until_terminated(listener, component::Component::open(&settings)?),
    }
}
