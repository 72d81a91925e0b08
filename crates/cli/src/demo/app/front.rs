//! The front: accounts, login, pages.

use std::error::Error;
use std::fs;

use http::{Method, StatusCode};

use super::accounts::{Accounts, SignUpError};
use super::message::{Answer, Asked, broken, html, redirect, with_session};
use super::serve::Site;
use super::sessions::Sessions;
use super::settings::Settings;
use super::template;

/// The page's template in the release's folder.
pub(super) const TEMPLATE: &str = "page.html";

/// The front, opened.
pub(super) struct Front {
    accounts: Accounts,
    sessions: Sessions,
    page: String,
    shop_name: String,
}

impl Front {
    /// Opens what the configuration names.
    pub(super) fn open(settings: &Settings) -> Result<Self, Box<dyn Error>> {
        let accounts = settings.accounts_db.as_deref().ok_or("ACCOUNTS_DB is not set")?;
        let accounts = Accounts::open(accounts)?;
        if let Some(password) = &settings.probe_password {
            accounts.ensure("probe", password)?;
        }
        Ok(Self {
            accounts,
            sessions: Sessions::open(&settings.session_store)?,
            page: fs::read_to_string(settings.files.join(TEMPLATE))?,
            shop_name: settings.shop_name.clone(),
        })
    }

    fn user(&self, asked: &Asked) -> rusqlite::Result<Option<String>> {
        asked.session.as_deref().map_or(Ok(None), |token| self.sessions.user(token))
    }

    fn page(&self, user: &str) -> Answer {
        match template::render(&self.page, &[("user", user), ("shop", &self.shop_name)]) {
            Ok(page) => html(StatusCode::OK, page),
            Err(error) => broken(&error),
        }
    }

    fn home(&self, asked: &Asked) -> Answer {
        match self.user(asked) {
            Ok(user) => self.page(user.as_deref().unwrap_or("guest")),
            Err(error) => broken(&error),
        }
    }

    fn me(&self, asked: &Asked) -> Answer {
        match self.user(asked) {
            Ok(Some(user)) => html(StatusCode::OK, format!("<p>You are {user}.</p>")),
            Ok(None) => redirect("/login"),
            Err(error) => broken(&error),
        }
    }

    fn sign_up(&self, asked: &Asked) -> Answer {
        let (name, password) = (asked.field("user"), asked.field("password"));
        if !is_name(name) || password.is_empty() {
            return html(
                StatusCode::UNPROCESSABLE_ENTITY,
                "<p>Choose a name of letters and digits, and a password.</p>",
            );
        }
        match self.accounts.sign_up(name, password) {
            Ok(()) => html(StatusCode::OK, format!("<p>Your account {name} is ready.</p>")),
            Err(SignUpError::Taken) => html(StatusCode::CONFLICT, "<p>This name is taken.</p>"),
            Err(error) => broken(&error),
        }
    }

    fn log_in(&self, asked: &Asked) -> Answer {
        let name = asked.field("user");
        match self.accounts.has(name, asked.field("password")) {
            Ok(true) => match self.sessions.start(name) {
                Ok(token) => with_session(html(StatusCode::OK, format!("<p>Welcome, {name}.</p>")), &token),
                Err(error) => broken(&error),
            },
            Ok(false) => html(StatusCode::UNAUTHORIZED, "<p>Wrong name or password.</p>"),
            Err(error) => broken(&error),
        }
    }
}

impl Site for Front {
    fn answer(&self, asked: &Asked) -> Answer {
        match (&asked.method, asked.path.as_str()) {
            (&Method::GET, "/") => self.home(asked),
            (&Method::GET, "/me") => self.me(asked),
            (&Method::GET, "/login") => html(StatusCode::OK, FORM),
            (&Method::POST, "/login") => self.log_in(asked),
            (&Method::POST, "/signup") => self.sign_up(asked),
            (&Method::GET, "/up") => match self.accounts.ping() {
                Ok(()) => html(StatusCode::OK, "up"),
                Err(error) => broken(&error),
            },
            _ => html(StatusCode::NOT_FOUND, "<p>There is no such page.</p>"),
        }
    }
}

const FORM: &str =
    r#"<form method="post"><input name="user"><input name="password" type="password"><button>Log in</button></form>"#;

/// Names stand in pages as they are: only what needs no escape.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
