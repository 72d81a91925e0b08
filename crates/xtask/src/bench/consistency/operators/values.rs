//! Values that are none, or of another type.

use super::super::case::{Case, with_part, with_value};
use super::super::entries::Entry;
use super::super::layout::Layout;
use super::super::parts::{Part, is_secret, part};
use super::super::random::Random;

fn own(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    entries.iter().filter(|entry| entry.own && !entry.site.value.is_empty())
}

/// Nothing is left of a value that others have.
pub(super) fn emptied(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    own(entries)
        .filter(|entry| entry.staging.as_ref().is_some_and(|site| !site.value.is_empty()))
        .map(|entry| with_value(layout, entry, "", "emptied"))
        .collect()
}

/// What was copied from an example and never filled in.
pub(super) fn placeholder(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    const WORDS: [&str; 12] = [
        "changeme",
        "CHANGE_ME",
        "change-me-please",
        "TODO",
        "xxxxxxxx",
        "your-secret-here",
        "YOUR_API_KEY",
        "replace-me",
        "placeholder",
        "insert_key_here",
        "dummy",
        "fill-me-in",
    ];
    let mut cases = Vec::new();
    for entry in own(entries) {
        let word = random.one_of(&WORDS).copied().unwrap_or("changeme");
        if is_secret(&entry.key) {
            cases.push(with_value(layout, entry, word, "placeholder"));
        } else if let Some(range) = part(&entry.key, &entry.site.value, Part::Password) {
            cases.push(with_part(layout, entry, range, word, "placeholder as password"));
        } else if entry.site.value.contains("://") {
            cases.push(with_value(layout, entry, word, "placeholder"));
        }
    }
    cases
}

/// A token that a tool was to replace.
pub(super) fn unreplaced(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        let name: String = entry.key.chars().filter(char::is_ascii_alphanumeric).collect();
        let upper = name.to_ascii_uppercase();
        // `${...}`, `$(...)` and `{{ }}` mean something of their own in some files.
        let tokens = [
            format!("#{{{name}}}"),
            format!("__{upper}__"),
            format!("@@{upper}@@"),
            format!("<%= {name} %>"),
            format!("[[{name}]]"),
        ];
        let token = random.one_of(&tokens).cloned().unwrap_or_default();
        let quoted = entry.site.quote.is_some() || entry.kind == "web-config";
        // Only what the format takes as text when it stands without quotes.
        let token = if quoted && entry.kind != "web-config" { token } else { format!("__{upper}__") };
        match part(&entry.key, &entry.site.value, Part::Host) {
            Some(range) if random.below(2) == 0 => cases.push(with_part(layout, entry, range, &token, "token as host")),
            _ => cases.push(with_value(layout, entry, &token, "token")),
        }
    }
    cases
}

/// A value of another type than in staging.
pub(super) fn drifted(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        let Some(there) = &entry.staging else { continue };
        let kind = kind(&entry.site.value);
        if kind != self::kind(&there.value) {
            continue;
        }
        let new = match kind {
            Type::Number => ["many", "https://settings.internal/limit"],
            Type::Truth => ["sometimes", "https://flags.internal/on"],
            Type::Url => ["8080", "enabled"],
            Type::Host => ["42", "true"],
            Type::Email => ["true", "3"],
            Type::Other => continue,
        };
        let new = new[random.below(2)];
        cases.push(with_value(layout, entry, new, "other type"));
    }
    cases
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Number,
    Truth,
    Url,
    Host,
    Email,
    Other,
}

fn kind(value: &str) -> Type {
    let word = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match value {
        "true" | "false" | "True" | "False" => Type::Truth,
        _ if value.chars().all(|c| c.is_ascii_digit()) => Type::Number,
        _ if value.contains("://") => Type::Url,
        _ if value.split_once('@').is_some_and(|(user, host)| user.chars().all(word) && host.contains('.')) => {
            Type::Email
        }
        _ if value.chars().all(|c| word(c) || c == ':') && value.matches('.').count() >= 2 => Type::Host,
        _ => Type::Other,
    }
}
