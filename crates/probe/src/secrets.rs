//! The values that may be sent but never shown.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use sternway_core::check::Text;
use sternway_core::veil::Veil;

/// Stands where a secret's value would have been.
const HIDDEN: &str = "[secret]";

/// The secret values of a release's configuration, by key. Its `Debug` shows the keys only.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// The value of a text; the missing key when it names a secret without a value.
    pub(crate) fn resolve<'a>(&'a self, text: &'a Text) -> Result<&'a str, MissingSecret<'a>> {
        match text {
            Text::Plain(value) => Ok(value),
            Text::Secret(key) => self.0.get(key).map(String::as_str).ok_or(MissingSecret(key)),
        }
    }

    /// `text` without any secret's value, in any spelling that [`Veil`] knows.
    pub fn scrub(&self, text: &str) -> String {
        Veil::over(self.0.values().map(String::as_str), 1).hide(text, HIDDEN)
    }
}

impl From<BTreeMap<String, String>> for Secrets {
    fn from(values: BTreeMap<String, String>) -> Self {
        Self(values)
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Secrets {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(values: I) -> Self {
        Self(values.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The key of a secret that has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MissingSecret<'a>(pub(crate) &'a str);

impl fmt::Display for MissingSecret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "secret {} has no value in this release", self.0)
    }
}

/// `application/x-www-form-urlencoded` of one name or value (<https://url.spec.whatwg.org/#concept-urlencoded-byte-serializer>).
pub(crate) fn form_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_secret_is_scrubbed() {
        let secrets: Secrets = [("KEY", "p ä\"/s"), ("LONGER", "p ä\"/s and more")].into_iter().collect();
        let text = r#"p ä"/s and more | p ä\"/s | p+%C3%A4%22%2Fs | p%20%C3%A4%22%2Fs | p%20%c3%a4%22%2fs"#;
        assert_eq!(secrets.scrub(text), "[secret] | [secret] | [secret] | [secret] | [secret]");
    }

    #[test]
    fn debug_shows_keys_only() {
        let secrets: Secrets = [("KEY", "hunter2")].into_iter().collect();
        assert_eq!(format!("{secrets:?}"), r#"{"KEY"}"#);
    }
}
