//! Keeping configuration values out of what is shown.

use std::collections::BTreeMap;

use sternway_core::veil::Veil;
use sternway_store::Values;

/// Shorter values are left alone: they would blot out half of every text, and are no secrets.
const SHORTEST: usize = 4;

/// Characters of a line that a finding shows.
const LONGEST: usize = 500;

/// What replaces a value.
const BLOT: &str = "[hidden]";

/// The configuration values of a release, which must not be shown.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Veil);

impl Secrets {
    /// All configuration values of a release, in every spelling that [`Veil`] knows.
    pub(crate) fn of(values: &Values) -> Self {
        Self::from_texts(values.values().flat_map(BTreeMap::values))
    }

    fn from_texts<'a>(values: impl Iterator<Item = &'a String>) -> Self {
        Self(Veil::over(values.map(String::as_str), SHORTEST))
    }

    /// The text without them.
    pub(crate) fn hide(&self, text: &str) -> String {
        self.0.hide(text, BLOT)
    }

    /// The lines without them.
    pub(crate) fn hide_all(&self, lines: Vec<String>) -> Vec<String> {
        lines.into_iter().map(|line| self.hide(&line)).collect()
    }

    /// The lines without them and not too long for a finding. A long line is cut after its secrets are hidden, not before.
    pub(crate) fn hide_and_cut(&self, lines: Vec<String>) -> Vec<String> {
        let cut = |line: &String| match line.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}...", &line[..end]),
            None => line.clone(),
        };
        self.hide_all(lines).iter().map(cut).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_their_lines_and_passwords_in_urls_are_hidden() {
        let values = ["postgres://app:s3cret@db/shop", "first line\nsecond line", "abc"].map(str::to_owned);
        let secrets = Secrets::from_texts(values.iter());
        assert_eq!(secrets.hide("cannot log in with s3cret to abc"), "cannot log in with [hidden] to abc");
        assert_eq!(secrets.hide("dsn=postgres://app:s3cret@db/shop!"), "dsn=[hidden]!");
        assert_eq!(secrets.hide("key: second line"), "key: [hidden]");
    }

    #[test]
    fn values_are_hidden_as_json_and_urls_write_them() {
        let values = ["a\"b\\c/d".to_owned()];
        let secrets = Secrets::from_texts(values.iter());
        for written in [r#"a"b\c/d"#, r#"a\"b\\c/d"#, "a%22b%5Cc%2Fd"] {
            assert_eq!(secrets.hide(written), "[hidden]");
        }
    }

    #[test]
    fn a_long_line_is_cut_after_its_secrets_are_hidden() {
        let secrets = Secrets::from_texts(["secret-value".to_owned()].iter());
        let line = format!("{}secret-value{}", "x".repeat(LONGEST - 6), "y".repeat(100));
        let cut = secrets.hide_and_cut(vec![line]);
        assert_eq!(cut[0], format!("{}[hidde...", "x".repeat(LONGEST - 6)));
    }
}
