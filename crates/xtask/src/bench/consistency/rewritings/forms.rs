//! The same connection in other words.

use super::super::case::{Case, with_part, with_value};
use super::super::entries::Entry;
use super::super::layout::Layout;
use super::super::parts::{Part, part};
use super::super::random::Random;
use super::own;

const DEFAULTS: [(&str, &str); 9] = [
    ("redis", "6379"),
    ("tcp", "6379"),
    ("postgres", "5432"),
    ("postgresql", "5432"),
    ("amqp", "5672"),
    ("amqps", "5671"),
    ("mongodb", "27017"),
    ("http", "80"),
    ("https", "443"),
];

/// The default port is left out, or written out.
pub(super) fn default_port(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        let value = &entry.site.value;
        let of = |wanted| part(&entry.key, value, wanted);
        if let Some(scheme) = of(Part::Scheme) {
            let Some((_, default)) = DEFAULTS.iter().find(|(name, _)| *name == &value[scheme.clone()]) else {
                continue;
            };
            match (of(Part::Port), of(Part::Host)) {
                (Some(port), _) if &value[port.clone()] == *default => {
                    cases.push(with_part(layout, entry, port.start - 1..port.end, "", "default port left out"));
                }
                (None, Some(host)) => {
                    cases.push(with_part(
                        layout,
                        entry,
                        host.end..host.end,
                        &format!(":{default}"),
                        "default port written out",
                    ));
                }
                _ => {}
            }
            continue;
        }
        for setting in [";port=3306", " port=5432", ",1433"] {
            if value.contains(setting) {
                cases.push(with_value(layout, entry, &value.replacen(setting, "", 1), "default port left out"));
            }
        }
        if entry.key.ends_with("DB_HOST") && value.ends_with(":3306") {
            cases.push(with_value(layout, entry, value.trim_end_matches(":3306"), "default port left out"));
        }
        // By parts: production says it, staging leaves it to the default of config/database.php.
        if entry.kind == "dotenv-php"
            && entry.key.ends_with("_PORT")
            && ["3306", "6379"].contains(&value.as_str())
            && let Some(there) = &entry.staging
        {
            let text = layout.text(&there.file);
            let start = there.key_at.start;
            let end = text[start..].find('\n').map_or(text.len(), |at| start + at + 1);
            let case = Case::new(format!("{} is said in production alone", entry.key));
            cases.push(case.splice(layout, &there.file, start..end, ""));
        }
    }
    cases
}

/// Another form that the same client reads: URI and keywords of libpq, both names of a scheme, a number that is the default.
pub(super) fn other(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        let value = &entry.site.value;
        if let Some(rest) = value.strip_prefix("postgres://") {
            cases.push(with_value(layout, entry, &format!("postgresql://{rest}"), "the scheme's other name"));
        } else if let Some(rest) = value.strip_prefix("postgresql://") {
            cases.push(with_value(layout, entry, &format!("postgres://{rest}"), "the scheme's other name"));
        }
        if value.starts_with("redis") && value.ends_with("/0") {
            cases.push(with_value(layout, entry, value.trim_end_matches("/0"), "the first database left out"));
        }
        if value.starts_with("host=") {
            cases.extend(uri(value).map(|new| with_value(layout, entry, &new, "as a URI")));
        }
    }
    cases
}

/// Keywords of libpq as its URI.
fn uri(words: &str) -> Option<String> {
    let of = |name: &str| words.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    Some(format!(
        "postgresql://{}:{}@{}:{}/{}?sslmode={}",
        of("user")?,
        of("password")?,
        of("host")?,
        of("port").unwrap_or("5432"),
        of("dbname")?,
        of("sslmode").unwrap_or("prefer")
    ))
}

/// Names that ADO.NET and others take for each other.
pub(super) fn synonyms(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    const SAME: [(&str, &str); 9] = [
        ("Server=", "Data Source="),
        ("Server=", "addr="),
        ("Database=", "Initial Catalog="),
        ("User ID=", "UID="),
        ("Password=", "Pwd="),
        ("Encrypt=True", "Encrypt=yes"),
        ("Connect Timeout=", "Connection Timeout="),
        ("TrustServerCertificate=False", "Trust Server Certificate=false"),
        ("ssl=True", "ssl=true"),
    ];
    let mut cases = Vec::new();
    for entry in own(entries) {
        let value = &entry.site.value;
        if !value.starts_with("Server=") && !value.contains(",ssl=") {
            continue;
        }
        for (one, other) in SAME {
            if value.contains(one) {
                cases.push(with_value(layout, entry, &value.replacen(one, other, 1), "a synonym"));
            }
        }
    }
    cases
}
