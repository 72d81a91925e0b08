//! A browser's cookies, as far as one site needs them.

use std::collections::BTreeMap;

/// Cookies by name.
#[derive(Debug, Default)]
pub(super) struct Jar(BTreeMap<String, String>);

impl Jar {
    /// Keeps what a `Set-Cookie` header says; `Max-Age=0` forgets it.
    pub(super) fn set(&mut self, header: &str) {
        let mut parts = header.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        if parts.any(|attribute| attribute.eq_ignore_ascii_case("max-age=0")) {
            self.0.remove(name);
        } else {
            self.0.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The `Cookie` header, when there are any.
    pub(super) fn header(&self) -> Option<String> {
        let pairs = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_kept_by_name_and_forgotten_when_told() {
        let mut jar = Jar::default();
        assert_eq!(jar.header(), None);
        jar.set("sternway=1; Path=/; Max-Age=60");
        jar.set("session=a; HttpOnly");
        jar.set("session=b");
        assert_eq!(jar.header().as_deref(), Some("session=b; sternway=1"));
        jar.set("session=; Max-Age=0");
        assert_eq!(jar.header().as_deref(), Some("sternway=1"));
    }
}
