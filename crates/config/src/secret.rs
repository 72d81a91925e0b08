//! Text that must not be printed by accident.

use std::fmt;

/// A configuration value. Its `Debug` prints `***` for every value, so that not even its length shows; it has no `Display` and
/// cannot be serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Guards a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for the process that it is meant for, for a fingerprint, for the release's own file.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
