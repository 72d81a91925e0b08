//! Checks: one evaluated question each. Smoke checks ask the candidate before it has traffic; monitors ask again during the bake.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Place;
use crate::ids::ServiceName;
use crate::time::Millis;
use crate::verdict::Verdict;

/// The header that tells the proxy that a request is a check's, on the users' way: what only checks ask says nothing about users, and is not
/// counted. The service does not get it.
pub const HEADER: &str = "sternway-check";

/// A text, or the name of a configuration key of the release whose value is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Text {
    /// The text itself.
    Plain(String),
    /// The value of this key in the release's configuration, looked up when the check runs and never printed.
    Secret(String),
}

/// What is asked of an HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HttpCheck {
    /// `GET`, `POST`, ...
    pub method: String,
    /// A path (`/up`), asked of the candidate or through the proxy; or an absolute URL, asked as it is.
    pub url: String,
    /// Request headers.
    #[serde(default)]
    pub headers: BTreeMap<String, Text>,
    /// A form body (`application/x-www-form-urlencoded`).
    #[serde(default)]
    pub form: BTreeMap<String, Text>,
    /// A JSON body.
    #[serde(default)]
    pub json: Option<serde_json::Value>,
    /// A body as it is.
    #[serde(default)]
    pub body: Option<Text>,
    /// Statuses that pass; empty means 200 to 299.
    #[serde(default)]
    pub status: Vec<u16>,
    /// The body contains each of these.
    #[serde(default)]
    pub contains: Vec<String>,
    /// The body contains none of these.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// JSON pointer (RFC 6901) or dotted path to the value expected there.
    #[serde(default)]
    pub json_path: BTreeMap<String, serde_json::Value>,
    /// Whether redirects are followed; when not, the 3xx itself is judged.
    #[serde(default)]
    pub follow: bool,
}

/// The question that a check asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// An HTTP request and what its answer must be.
    Http(Box<HttpCheck>),
    /// A connection to `host:port` (or the candidate's own port when empty) is accepted.
    Tcp(String),
    /// A shell command, run with `STERNWAY_URL` and `STERNWAY_URL_<SERVICE>` set, exits 0.
    Command(String),
}

/// One check of sternway.toml.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Unique name.
    pub name: String,
    /// What is asked.
    pub question: Question,
    /// The service whose instance is asked for path-only URLs during smoke; by default the one that the route names.
    #[serde(default)]
    pub service: Option<ServiceName>,
    /// Ask the candidate before it has traffic.
    pub smoke: bool,
    /// Ask again during the bake, this often.
    #[serde(default)]
    pub monitor: Option<Millis>,
    /// No answer within this time is a failure.
    pub timeout: Millis,
    /// An answer slower than this is a failure.
    #[serde(default)]
    pub latency: Option<Millis>,
    /// Where it is declared.
    #[serde(default)]
    pub place: Option<Place>,
}

/// The answer to one evaluation of a check. Never holds a secret or a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckAnswer {
    /// Pass, fail, or unknown (we could not ask at all).
    pub verdict: Verdict,
    /// What was seen, in one line: `status 500, expected 200`.
    pub seen: String,
    /// How long the answer took.
    pub took: Millis,
}
