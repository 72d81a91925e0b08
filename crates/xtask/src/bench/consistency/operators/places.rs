//! Values that lead to another place: where services must agree, and where staging and production are alike but for their names.

use super::super::case::{Case, with_part, with_value};
use super::super::entries::Entry;
use super::super::layout::Layout;
use super::super::parts::{Part, part, words};
use super::super::random::Random;
use super::super::sites::Site;

/// Where an entry leads: host, port and database, those that it says itself or that keys beside it say.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Store {
    host: String,
    port: Option<String>,
    database: Option<String>,
}

fn text(site: &Site, wanted: Part) -> Option<String> {
    part(&site.key, &site.value, wanted).map(|range| site.value[range].to_owned())
}

/// The store of a value, where `beside` answers for keys that begin alike: `DB_HOST` and `DB_NAME`.
fn store(site: &Site, beside: &dyn Fn(&str) -> Option<String>) -> Option<Store> {
    let host = text(site, Part::Host)?.to_lowercase();
    let of = |wanted: Part, names: &[&str]| {
        text(site, wanted).or_else(|| {
            let stem = ["HOST", "host", "Host"].iter().find_map(|word| site.path.strip_suffix(word))?;
            names.iter().find_map(|name| beside(&format!("{stem}{name}")))
        })
    };
    let path = site.value.split_once("://").and_then(|(scheme, rest)| {
        let path = rest.find('/').map_or("", |at| &rest[at..]);
        scheme.starts_with("http").then(|| path.to_owned())
    });
    Some(Store {
        host,
        port: of(Part::Port, &["PORT", "port", "Port"]),
        database: path
            .or_else(|| of(Part::Database, &["NAME", "DATABASE", "DB", "SESSION_DB", "database", "Database"])),
    })
}

fn beside<'a>(entries: &'a [Entry], entry: &'a Entry, staging: bool) -> impl Fn(&str) -> Option<String> + 'a {
    move |path: &str| {
        let found = entries.iter().find(|other| other.site.path == path && other.site.file == entry.site.file)?;
        let site = if staging { found.staging.as_ref()? } else { &found.site };
        Some(site.value.clone())
    }
}

/// Whether two values name one store in production and in staging, to the last part. Under two keys the database must be said: that two
/// share a server says nothing.
fn must_agree(entries: &[Entry], one: &Entry, other: &Entry) -> bool {
    let (Some(one_there), Some(other_there)) = (&one.staging, &other.staging) else { return false };
    let here = (store(&one.site, &beside(entries, one, false)), store(&other.site, &beside(entries, other, false)));
    let there = (store(one_there, &beside(entries, one, true)), store(other_there, &beside(entries, other, true)));
    let ((Some(mine), Some(theirs)), (Some(mine_there), Some(theirs_there))) = (here, there) else { return false };
    let same_key = one.key == other.key && !one.services.is_subset(&other.services);
    let said = mine.database.is_some() && is_store(one) && !has_replica(one) && !has_replica(other);
    mine == theirs && mine_there == theirs_there && (same_key || said)
}

/// Whether it is a store, and not something on the web, of which the path counts as the database here.
fn is_store(entry: &Entry) -> bool {
    part(&entry.key, &entry.site.value, Part::Scheme).is_none_or(|scheme| !entry.site.value[scheme].starts_with("http"))
}

fn has_replica(entry: &Entry) -> bool {
    words(&entry.key).iter().any(|word| ["replica", "read", "ro", "reader"].contains(&word.as_str()))
}

fn own(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    entries.iter().filter(|entry| entry.own)
}

/// One of several that must lead to the same host leads to another one.
pub(super) fn host(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        let Some(range) = part(&entry.key, &entry.site.value, Part::Host) else { continue };
        let agrees = entries.iter().any(|other| other.site != entry.site && must_agree(entries, entry, other));
        if !agrees {
            continue;
        }
        let host = &entry.site.value[range.clone()];
        let (first, rest) = host.split_once('.').unwrap_or((host, ""));
        let elsewhere: Vec<String> = own(entries)
            .filter_map(|other| text(&other.site, Part::Host))
            .filter(|other| other != host && other.contains('.'))
            .collect();
        let mut new =
            vec![format!("{first}-2.{rest}"), format!("{first}-old.{rest}"), format!("10.4.{}.17", random.below(200))];
        new.extend(elsewhere);
        let new = random.one_of(&new).cloned().unwrap_or_default();
        cases.push(with_part(layout, entry, range, new.trim_end_matches('.'), "other host"));
    }
    cases
}

/// A port that is the same in staging, or in another service, is another one.
pub(super) fn port(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        let Some(range) = part(&entry.key, &entry.site.value, Part::Port) else { continue };
        let port = &entry.site.value[range.clone()];
        if entry.staging.as_ref().and_then(|site| text(site, Part::Port)).as_deref() != Some(port) {
            continue;
        }
        let number: u32 = port.parse().unwrap_or(1000);
        let new = [number + 1, number + 10, number - 1, number + 1000][random.below(4)];
        cases.push(with_part(layout, entry, range, &new.to_string(), "other port"));
    }
    cases
}

/// A database, by name or number, that is in staging the same but for the environment's name, is another one.
pub(super) fn database(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        let Some(range) = part(&entry.key, &entry.site.value, Part::Database) else { continue };
        let name = &entry.site.value[range.clone()];
        let Some(there) = entry.staging.as_ref().and_then(|site| text(site, Part::Database)) else { continue };
        if like(layout, name) != like_in(&there, &layout.staging().name) {
            continue;
        }
        let new = if let Ok(number) = name.parse::<u32>() {
            [number + 1, number + 5, if number == 0 { 9 } else { 0 }][random.below(3)].to_string()
        } else {
            let others: Vec<String> = own(entries)
                .filter_map(|other| text(&other.site, Part::Database))
                .filter(|other| other != name && other.parse::<u32>().is_err())
                .collect();
            let mut new = vec![there, format!("{name}2"), format!("{name}_old")];
            new.extend(others);
            random.one_of(&new).cloned().unwrap_or_default()
        };
        cases.push(with_part(layout, entry, range, &new, "other database"));
    }
    cases
}

/// A name without the name of production.
fn like(layout: &Layout, name: &str) -> String {
    like_in(name, &layout.production().name)
}

fn like_in(name: &str, environment: &str) -> String {
    name.to_lowercase().replace(environment, "")
}

/// A key prefix, namespace or virtual host that is in staging the same but for the environment's name, is another one.
pub(super) fn prefix(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        let Some(range) = part(&entry.key, &entry.site.value, Part::Prefix) else { continue };
        let name = entry.site.value[range.clone()].to_owned();
        let Some(there) = entry.staging.as_ref().and_then(|site| text(site, Part::Prefix)) else { continue };
        if like(layout, &name) != like_in(&there, &layout.staging().name) || name.is_empty() {
            continue;
        }
        let new = [
            format!("app{name}"),
            format!("v2{name}"),
            name.replace(['_', ':'], "-"),
            name[..name.len() - 1].to_owned(),
        ];
        let new = new.iter().filter(|new| **new != name).nth(random.below(3)).cloned().unwrap_or_default();
        cases.push(with_part(layout, entry, range, &new, "other prefix"));
    }
    cases
}

/// What is encrypted in staging is not in production.
pub(super) fn tls_off(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        for wanted in [Part::Scheme, Part::Encryption] {
            let Some(range) = part(&entry.key, &entry.site.value, wanted) else { continue };
            let said = &entry.site.value[range.clone()];
            let there = entry.staging.as_ref().and_then(|site| text(site, wanted));
            if there.as_deref() != Some(said) {
                continue;
            }
            let off = match (wanted, said) {
                (Part::Scheme, "rediss") => "redis",
                (Part::Scheme, "amqps") => "amqp",
                (Part::Scheme, "smtps") => "smtp",
                (Part::Scheme, "https") if !entry.key.to_lowercase().contains("sentry") => "http",
                (Part::Encryption, "require") => "disable",
                (Part::Encryption, "true") => "false",
                (Part::Encryption, "True") => "False",
                (Part::Encryption, "tls") => "none",
                _ => continue,
            };
            cases.push(with_part(layout, entry, range, off, "encryption off"));
        }
    }
    // Without the setting, the client's default counts, which is not to encrypt or not to insist.
    for entry in own(entries) {
        let value = &entry.site.value;
        let setting =
            ["&sslmode=require", "?sslmode=require", " sslmode=require", "&tls=true", ",ssl=True", ";Encrypt=True"];
        if let Some(setting) = setting.iter().find(|setting| value.ends_with(**setting)) {
            cases.push(with_value(layout, entry, value.trim_end_matches(setting), "encryption not said"));
        }
    }
    cases
}
