//! The component: what a logged-in user sees under `/component`.

use std::error::Error;
use std::fs;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::message::{Answer, Asked, broken, json};
use super::serve::Site;
use super::sessions::Sessions;
use super::settings::Settings;

/// What it offers, in the release's folder.
pub(super) const OFFERS: &str = "offers.json";

/// The component, opened.
pub(super) struct Component {
    sessions: Sessions,
    offers: Value,
}

impl Component {
    /// Opens what the configuration names.
    pub(super) fn open(settings: &Settings) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            sessions: Sessions::open(&settings.session_store)?,
            offers: serde_json::from_str(&fs::read_to_string(settings.files.join(OFFERS))?)?,
        })
    }

    fn data(&self, asked: &Asked) -> Answer {
        match asked.session.as_deref().map_or(Ok(None), |token| self.sessions.user(token)) {
            Ok(Some(user)) => json(StatusCode::OK, &json!({ "user": user, "offers": self.offers })),
            Ok(None) => json(StatusCode::UNAUTHORIZED, &json!({ "error": "not logged in" })),
            Err(error) => broken(&error),
        }
    }
}

impl Site for Component {
    fn answer(&self, asked: &Asked) -> Answer {
        match (&asked.method, asked.path.as_str()) {
            (&Method::GET, "/component/data") => self.data(asked),
            (&Method::GET, "/component/up") => json(StatusCode::OK, &json!({ "up": true })),
            _ => json(StatusCode::NOT_FOUND, &json!({ "error": "no such path" })),
        }
    }
}
