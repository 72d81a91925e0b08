//! What kind of thing a value is, told from its text alone: enough to see a number where others have a URL, and safe to show.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Nothing, or only spaces.
    Empty,
    /// A word that stands for a value to come: `changeme`.
    Placeholder,
    /// A token that a tool should have replaced: `#{token}`, `{{ value }}`, `__VALUE__`.
    Unreplaced,
    /// It begins and ends with a quote, which the process would get as a part of the value.
    Quoted,
    /// `scheme://...`.
    Url,
    /// Several `key=value` pairs: a connection string.
    Pairs,
    /// A number, with or without a unit.
    Number,
    /// Yes or no in one of their spellings.
    Truth,
    /// An absolute path of a file.
    Path,
    /// An e-mail address.
    Email,
    /// A JSON object or list.
    Json,
    /// A host's name or address, with or without a port.
    Host,
    /// Anything else.
    Text,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::Placeholder => "a placeholder",
            Self::Unreplaced => "a token that was not replaced",
            Self::Quoted => "a text in quotes",
            Self::Url => "a URL",
            Self::Pairs => "a connection string of pairs",
            Self::Number => "a number",
            Self::Truth => "yes or no",
            Self::Path => "a path",
            Self::Email => "an e-mail address",
            Self::Json => "JSON",
            Self::Host => "a host",
            Self::Text => "a text",
        })
    }
}

/// Whether a text without spaces at its ends has one shape.
type Test = fn(&str) -> bool;

impl Shape {
    /// The shape of a value.
    pub fn of(value: &str) -> Self {
        let text = value.trim();
        let tests: [(Self, Test); 12] = [
            (Self::Empty, str::is_empty),
            (Self::Unreplaced, is_unreplaced),
            (Self::Placeholder, is_placeholder),
            (Self::Quoted, is_quoted),
            (Self::Json, is_json),
            (Self::Url, is_url),
            (Self::Truth, is_truth),
            (Self::Number, is_number),
            (Self::Email, is_email),
            (Self::Path, is_path),
            (Self::Pairs, is_pairs),
            (Self::Host, is_host),
        ];
        tests.into_iter().find(|(_, test)| test(text)).map_or(Self::Text, |(shape, _)| shape)
    }

    /// Whether the value is a stand-in that no running service can want.
    pub fn is_no_value(self) -> bool {
        matches!(self, Self::Placeholder | Self::Unreplaced | Self::Quoted)
    }

    /// Whether two environments that have these shapes have values of one type. A text may be anything, so it fits whatever is no
    /// more than a word; yes and no may be written as 1 and 0.
    pub fn fits(self, other: Self) -> bool {
        let loose = |one: Self, two: Self| {
            matches!(
                (one, two),
                (Self::Text, Self::Host | Self::Path | Self::Text | Self::Json)
                    | (Self::Truth, Self::Number)
                    | (Self::Host, Self::Path | Self::Url)
                    | (Self::Path, Self::Url)
                    | (Self::Url, Self::Pairs)
            )
        };
        // What is no value is reported as such, and an empty one too.
        let silent = |shape: Self| shape == Self::Empty || shape.is_no_value();
        self == other || silent(self) || silent(other) || loose(self, other) || loose(other, self)
    }
}

fn is_unreplaced(text: &str) -> bool {
    let between = |open: &str, close: &str| {
        text.find(open).is_some_and(|from| {
            let rest = &text[from + open.len()..];
            rest.find(close).is_some_and(|to| {
                let name = rest[..to].trim();
                !name.is_empty() && name.len() <= 80 && name.chars().all(|c| c.is_alphanumeric() || "._-: ".contains(c))
            })
        })
    };
    let name =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    between("#{", "}")
        || between("{{", "}}")
        || between("${", "}")
        || between("$(", ")")
        || between("<%=", "%>")
        || between("@@", "@@")
        || text.split("[[").skip(1).any(|rest| rest.split_once("]]").is_some_and(|(name, _)| word(name)))
        || in_underscores(text)
        || text.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).is_some_and(name)
}

/// `__NAME__`, alone or within a text.
fn in_underscores(text: &str) -> bool {
    let starts = |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    text.match_indices("__").filter(|(at, _)| starts(*at)).any(|(at, _)| {
        let rest = &text[at + 2..];
        rest.find("__").is_some_and(|to| {
            let name = &rest[..to];
            name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
                && !rest[to + 2..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    })
}

/// A word that could be a name.
fn word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-: ".contains(c))
}

/// What people write until they know the value, without what stands between the words.
const PLACEHOLDERS: [&str; 24] = [
    "changeme",
    "changeit",
    "changethis",
    "todo",
    "tbd",
    "fixme",
    "placeholder",
    "replaceme",
    "replacethis",
    "fillme",
    "fillmein",
    "fillin",
    "fillthisin",
    "example",
    "dummy",
    "foobar",
    "secretsecret",
    "notset",
    "notasecret",
    "mysecret",
    "mypassword",
    "yourpassword",
    "tobedefined",
    "insertvalue",
];

/// Words with which a request to the reader begins, and what follows them.
const REQUESTS: [&str; 9] = ["change", "replace", "fill", "insert", "enter", "set", "put", "add", "please"];
const ASKED: [&str; 16] = [
    "me", "this", "it", "in", "with", "your", "my", "the", "a", "key", "secret", "password", "token", "value", "here",
    "change",
];

/// What belongs to somebody who is still to put it there: `your-api-key`.
const THINGS: [&str; 14] = [
    "key", "secret", "token", "password", "passwd", "pass", "user", "username", "name", "host", "id", "url", "domain",
    "value",
];

fn is_placeholder(text: &str) -> bool {
    let bare = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    if let Some(name) = bare {
        return !name.is_empty() && name.len() <= 60 && name.chars().all(|c| c.is_alphanumeric() || " _-.".contains(c));
    }
    if text.len() > 80 || text.contains("://") {
        return text.len() <= 400
            && ["changeme", "change_me", "change-me", "CHANGEME", "replaceme", "replace-me"]
                .iter()
                .any(|word| text.contains(word));
    }
    let mut signs = text.chars();
    if let Some(first) = signs.next().filter(|c| "xX*.?-_".contains(*c))
        && text.chars().count() >= 3
        && signs.all(|c| c == first)
    {
        return true;
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let joined = words.concat();
    let is_request =
        matches!(words.as_slice(), [first, second, ..] if REQUESTS.contains(first) && ASKED.contains(second));
    let is_yours = matches!(words.as_slice(), ["your" | "my", .., last] if THINGS.contains(last))
        || matches!(words.as_slice(), ["your", _, ..]);
    let is_here = words.len() >= 2 && words.last() == Some(&"here");
    PLACEHOLDERS.contains(&joined.as_str())
        || is_request
        || is_yours
        || is_here
        || ["changeme", "replaceme", "placeholder"]
            .iter()
            .any(|word| joined.starts_with(word) || joined.ends_with(word))
}

fn is_quoted(text: &str) -> bool {
    ['"', '\'', '`'].iter().any(|&quote| text.len() >= 2 && text.starts_with(quote) && text.ends_with(quote))
}

fn is_json(text: &str) -> bool {
    let braces = (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'));
    braces && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.:".contains(c))
    })
}

fn is_truth(text: &str) -> bool {
    ["true", "false", "yes", "no", "on", "off", "enabled", "disabled"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

/// Digits, a sign, one point, and a unit such as `ms`, `30s`, `10MB`, `5%`.
fn is_number(text: &str) -> bool {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = rest.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%').trim_end();
    let unit = rest.len() - digits.len();
    unit <= 4
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '_')
        && digits.matches('.').count() <= 1
        // Eight hex digits and more are an identifier, not a number with a unit.
        && !(unit > 0 && rest.len() > 12)
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "@._+-".contains(c))
            && !host.contains('@')
    })
}

fn is_path(text: &str) -> bool {
    let windows = text.as_bytes().get(1) == Some(&b':') && text.as_bytes().get(2) == Some(&b'\\');
    (text.starts_with('/') && !text.starts_with("//") && text.len() > 1 && !text.contains('\n'))
        || text.starts_with("./")
        || text.starts_with("../")
        || windows
}

fn is_pairs(text: &str) -> bool {
    let pairs = |separator: char| {
        let mut all = text.split(separator).filter(|part| !part.trim().is_empty());
        all.clone().count() >= 2 && all.all(|part| part.split_once('=').is_some_and(|(key, _)| !key.trim().is_empty()))
    };
    text.contains('=') && (pairs(';') || pairs(' ')) || (text.contains(',') && text.contains('=') && text.contains(':'))
}

/// A name with a dot, `localhost`, or an address; and `name:port`.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.starts_with('[') => (host, Some(port)),
        _ => (text, None),
    };
    let port_fits = port.is_none_or(|port| port.parse::<u16>().is_ok());
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<std::net::IpAddr>().is_ok() {
        return port_fits;
    }
    let labels = |host: &str| {
        host.len() <= 253
            && host.trim_end_matches('.').split('.').all(|label| {
                !label.is_empty()
                    && label.len() <= 63
                    && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
                    && !label.starts_with('-')
            })
            && host.chars().any(|c| c.is_ascii_alphabetic())
    };
    let dotted = host.contains('.')
        && host.rsplit('.').next().is_some_and(|top| top.len() >= 2 && !top.chars().all(|c| c.is_ascii_digit()));
    port_fits && labels(host) && (port.is_some() || dotted || host == "localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_shape_that_a_person_sees() {
        let table = [
            (Shape::Empty, ["", "   ", "\t"].as_slice()),
            (Shape::Placeholder, &["changeme", "ChangeMe", "<your key>", "your-api-key", "TODO", "replace_me_please"]),
            (
                Shape::Unreplaced,
                &["#{Octopus.Token}", "redis://#{host}", "${DB_HOST}", "{{ db }}", "__DB_PASSWORD__", "%HOST%"],
            ),
            (Shape::Quoted, &["\"a b\"", "'x'", "``"]),
            (Shape::Url, &["redis://h:1/2", "https://a", "jdbc:mysql://h/db", "mongodb+srv://h"]),
            (Shape::Pairs, &["host=a dbname=b", "Server=a;Database=b;", "h:6379,password=x"]),
            (Shape::Number, &["1", "-3.5", "30s", "10MB", "5%", "86_400"]),
            (Shape::Truth, &["true", "No", "ON"]),
            (Shape::Path, &["/var/log", "./x", "C:\\logs"]),
            (Shape::Email, &["a.b@example.org"]),
            (Shape::Json, &["{\"a\":1}", "[1, 2]"]),
            (Shape::Host, &["db.example.org", "127.0.0.1", "localhost", "db:5432", "[::1]:80", "::1"]),
            (Shape::Text, &["production", "a b", "deadbeef12345678", "1.2.3.4.5", "p@ss", "a$b{c}", "base64:abc+/="]),
        ];
        for (shape, values) in table {
            for value in values {
                assert_eq!(Shape::of(value), shape, "{value:?}");
            }
        }
    }

    #[test]
    fn types_that_fit_each_other_do_so_both_ways() {
        use Shape::{Host, Number, Text, Truth, Url};
        for (one, two, fits) in
            [(Number, Url, false), (Truth, Number, true), (Text, Number, false), (Host, Url, true), (Text, Host, true)]
        {
            assert_eq!((one.fits(two), two.fits(one)), (fits, fits), "{one} {two}");
        }
    }
}
