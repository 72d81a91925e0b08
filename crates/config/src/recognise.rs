//! Which values are secrets: by the key's name, the value's form, or how random it looks.

use crate::shape::Shape;

/// Words in a key's name that say so, between `_`, `-`, `.`, `:` or the humps of camelCase.
const WORDS: [&str; 14] = [
    "password",
    "passwd",
    "pwd",
    "pass",
    "secret",
    "token",
    "apikey",
    "credential",
    "credentials",
    "passphrase",
    "salt",
    "signature",
    "auth",
    "dsn",
];

/// Words that need `key` after them.
const KEYS: [&str; 12] = [
    "api",
    "app",
    "private",
    "secret",
    "access",
    "encryption",
    "signing",
    "master",
    "license",
    "session",
    "auth",
    "payments",
];

/// How forms of well-known secrets begin.
const FORMS: [&str; 14] = [
    "-----BEGIN",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "ASIA",
    "eyJ",
    "SG.",
];

/// Whether this is a secret.
pub fn is_secret(key: &str, value: &str) -> bool {
    // Symfony's look-up: the secret is elsewhere.
    if value.starts_with("%env(") && value.ends_with(")%") {
        return false;
    }
    named_so(key, value) || formed_so(value) || carries_password(value) || looks_random(value)
}

fn named_so(key: &str, value: &str) -> bool {
    let words = words(key);
    let said = words.iter().any(|word| WORDS.contains(&word.as_str()) && word != "auth" && word != "dsn")
        || words.windows(2).any(|pair| pair[1] == "key" && KEYS.contains(&pair[0].as_str()));
    // A name that speaks of a secret may also speak of where it is, how long it lasts, or whether there is one.
    let about = words.last().is_some_and(|last| {
        [
            "file", "path", "ttl", "length", "name", "url", "header", "expiry", "expires", "timeout", "enabled", "id",
            "lifetime", "field", "algo", "driver", "hash", "host", "port", "user", "username", "type", "provider",
            "endpoint", "scope", "issuer", "audience", "uri",
        ]
        .contains(&last.as_str())
    });
    // `PARTNER_KEY=9d27f3b16c0e48`: what is called a key and has letters and digits, and is no name of something.
    let said = said || (words.last().is_some_and(|last| last == "key") && is_mixed(value));
    said && !about && !matches!(Shape::of(value), Shape::Empty | Shape::Truth | Shape::Number | Shape::Path)
}

/// Of one word, not short, with letters and digits.
fn is_mixed(value: &str) -> bool {
    value.len() >= 12
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "+/=_-".contains(c))
        && value.chars().filter(char::is_ascii_digit).count() >= 4
        && value.chars().any(|c| c.is_ascii_alphabetic())
}

/// The words of a key, in small letters.
pub(crate) fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in key.chars() {
        let hump = c.is_uppercase() && before.is_lowercase();
        if !c.is_alphanumeric() || hump {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

fn formed_so(value: &str) -> bool {
    let value = value.trim();
    FORMS.iter().any(|form| value.starts_with(form) && value.len() >= form.len() + 10)
        || value.strip_prefix("base64:").is_some_and(|rest| rest.len() >= 20)
}

/// A URL with a password in it.
fn carries_password(value: &str) -> bool {
    let Some((_, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority
        .rsplit_once('@')
        .is_some_and(|(user, _)| user.split_once(':').is_some_and(|(_, password)| !password.is_empty()))
}

/// Long, of one word, letters and digits mixed, and with more than 3.5 bits a character (Shannon).
fn looks_random(value: &str) -> bool {
    let value = value.trim();
    let length = value.chars().count();
    if !(20..=512).contains(&length) || Shape::of(value) != Shape::Text {
        return false;
    }
    let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "+/=_-".contains(c));
    let mixed = value.chars().any(|c| c.is_ascii_digit()) && value.chars().any(|c| c.is_ascii_alphabetic());
    if !plain || !mixed {
        return false;
    }
    let mut counts = [0_u32; 128];
    value.bytes().filter(u8::is_ascii).for_each(|byte| counts[usize::from(byte)] += 1);
    let bits: f64 = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length as f64)
        .map(|share| -share * share.log2())
        .sum();
    bits > 3.5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_name_form_or_randomness() {
        let secrets = [
            ("DB_PASSWORD", "hunter2"),
            ("dbPassword", "hunter2"),
            ("APP_KEY", "base64:3q2+7w=="),
            ("X", "-----BEGIN PRIVATE KEY-----"),
            ("X", "ghp_0123456789abcdefghij"),
            ("CACHE", "redis://:pass@h/1"),
            ("X", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"),
            ("spring.datasource.password", "geheim"),
        ];
        for (key, value) in secrets {
            assert!(is_secret(key, value), "{key}");
        }
        let plain = [
            ("PASSWORD_MIN_LENGTH", "12"),
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("TOKEN_TTL", "3600"),
            ("AUTHOR", "somebody"),
            ("KEYBOARD", "de"),
            ("CACHE", "redis://h/1"),
            ("APP_NAME", "the-quick-brown-fox-jumps"),
            ("API_URL", "https://api.example.org/v1/things"),
            ("DB_PASSWORD", ""),
            ("MONKEY", "business"),
        ];
        for (key, value) in plain {
            assert!(!is_secret(key, value), "{key}");
        }
    }
}
