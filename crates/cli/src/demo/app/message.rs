//! Requests and answers, as far as this application needs them.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HeaderValue, LOCATION, SET_COOKIE};
use http::{Method, Response, StatusCode, request};
use http_body_util::Full;

/// The cookie that holds the session's token.
const SESSION: &str = "session";

/// A request, read.
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) session: Option<String>,
    form: Vec<(String, String)>,
}

impl Asked {
    pub(super) fn new(head: &request::Parts, body: &[u8]) -> Self {
        Self {
            method: head.method.clone(),
            path: head.uri.path().to_owned(),
            session: session(head),
            form: parse_form(body),
        }
    }

    /// A field of the form; empty when it is missing.
    pub(super) fn field(&self, name: &str) -> &str {
        self.form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// An answer.
pub(super) type Answer = Response<Full<Bytes>>;

/// An answer with a page or a text.
pub(super) fn html(status: StatusCode, body: impl Into<String>) -> Answer {
    with_type(status, "text/html; charset=utf-8", body.into())
}

/// An answer with JSON.
pub(super) fn json(status: StatusCode, body: &serde_json::Value) -> Answer {
    with_type(status, "application/json", body.to_string())
}

/// An answer that leads elsewhere.
pub(super) fn redirect(path: &'static str) -> Answer {
    let mut answer = html(StatusCode::FOUND, "");
    answer.headers_mut().insert(LOCATION, HeaderValue::from_static(path));
    answer
}

/// The same answer, which also starts a session in the browser.
pub(super) fn with_session(mut answer: Answer, token: &str) -> Answer {
    if let Ok(cookie) = HeaderValue::from_str(&format!("{SESSION}={token}; Path=/; HttpOnly; SameSite=Lax")) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    answer
}

/// An answer about something that went wrong on our side; the cause goes to the log.
pub(super) fn broken(cause: &dyn std::fmt::Display) -> Answer {
    super::serve::log(format_args!("error: {cause}"));
    html(StatusCode::INTERNAL_SERVER_ERROR, "<h1>Sorry, something went wrong.</h1>")
}

fn with_type(status: StatusCode, kind: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::from(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

fn session(head: &request::Parts) -> Option<String> {
    head.headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == SESSION)
        .map(|(_, token)| token.to_owned())
}

/// `application/x-www-form-urlencoded`.
fn parse_form(body: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body);
    text.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (decode(name), decode(value))).collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = after.get(..2).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        rest = match (first, escaped) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                &after[2..]
            }
            (b'+', _) => {
                bytes.push(b' ');
                after
            }
            _ => {
                bytes.push(*first);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_decoded() {
        let form = parse_form(b"user=a+b%26c&password=%C3%A4%2&empty=");
        let expected = [("user", "a b&c"), ("password", "ä%2"), ("empty", "")];
        assert_eq!(form, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
}
