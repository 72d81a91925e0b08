//! Services that have the same in every other environment, and not here: one store, or one value under one key.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ServiceName};

use super::databases::holds_data;
use super::drift::is_local;
use super::{Everywhere, Seen, Silent, at, list, wanted};
use crate::agreements::{Relation, between, words_of};
use crate::landscape::{Landscape, Report, Service};
use crate::leads;
use crate::names::Words;
use crate::recognise::words;
use crate::resolve::Value;
use crate::shape::Shape;
use crate::stores::{Connection, Endpoint, Kind, Meaning, Part, Placement};

/// What a service may have in common with others, in one environment.
pub(super) struct Trait<'a> {
    environment: &'a EnvironmentName,
    service: &'a ServiceName,
    /// One key, or the first of those that describe a store together.
    key: &'a str,
    keys: Vec<&'a str>,
    /// The value by a digest: values are compared by thousands, and never shown.
    digest: u64,
    what: What,
    /// Whether it leads to the machine itself.
    local: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    /// A store: where, and the namespace there. `said` when the text names the namespace.
    Store { kind: Kind, said: bool },
    /// A plain value.
    Plain,
}

impl<'a> Trait<'a> {
    /// Of the keys that describe a store together, the one that says this part.
    fn key_of(&self, part: &str) -> &'a str {
        let last: &[&str] = match part {
            "server" | "group of servers" | "order of servers" => {
                &["host", "hostname", "address", "addr", "server", "nodes", "socket"]
            }
            "database" => &["database", "db", "dbname", "name"],
            "virtual host" => &["vhost", "virtualhost"],
            "key prefix" => &["prefix"],
            "encryption" => &["tls", "ssl", "sslmode", "scheme", "enabled"],
            "kind of store" => &["driver", "connection", "adapter", "engine"],
            _ => &[],
        };
        let says = |key: &&&str| words(key).last().is_some_and(|word| last.contains(&word.as_str()));
        self.keys.iter().find(says).copied().unwrap_or(self.key)
    }
}

/// All of one service.
pub(super) fn traits<'a>(everywhere: &Everywhere<'a>) -> Vec<Trait<'a>> {
    let mut found = Vec::new();
    for seen in &everywhere.places {
        let &Seen { environment, service, .. } = seen;
        for (keys, lead) in seen.leads.by_parts() {
            // The keys as the service has them: those of the connection live no longer than this.
            let keys: Vec<&'a str> =
                keys.iter().filter_map(|key| Some(service.values.get_key_value(key)?.0.as_str())).collect();
            let Some(&key) = keys.first() else { continue };
            let spoken = keys.iter().any(|key| everywhere.silent.speaks(everywhere.name, key));
            if let Some((digest, said, kind, local)) =
                lead.as_ref().ok().filter(|_| !spoken).and_then(|lead| store(lead.here()?))
            {
                let what = What::Store { kind, said };
                found.push(Trait { environment, service: everywhere.name, key, keys, digest, what, local });
            }
        }
        for (key, value) in &service.values {
            if everywhere.silent.speaks(everywhere.name, key) {
                continue;
            }
            let one = |digest, what, local| Trait {
                environment,
                service: everywhere.name,
                key: key.as_str(),
                keys: vec![key.as_str()],
                digest,
                what,
                local,
            };
            if let Some(lead) = seen.leads.alone(key) {
                if let Some((digest, said, kind, local)) = lead.as_ref().ok().and_then(|lead| store(lead.here()?)) {
                    found.push(one(digest, What::Store { kind, said }, local));
                }
            } else if seen.leads.together(key).is_none()
                && let Some(digest) = plain(key, value)
            {
                found.push(one(digest, What::Plain, false));
            }
        }
    }
    found
}

/// Reports, in each environment, those that do not have what others have with whom they share it everywhere else.
pub(super) fn look(
    landscape: &Landscape,
    traits: &[Trait<'_>],
    about: Option<&EnvironmentName>,
    silent: &Silent,
    report: &mut Report,
) {
    let environments: Vec<&EnvironmentName> = landscape.environments.keys().collect();
    let developers: Vec<bool> = environments.iter().map(|name| Words::of(name).are_of_development()).collect();
    let place = |name: &EnvironmentName| environments.iter().position(|other| *other == name).unwrap_or(0);
    let mut rows: HashMap<(&ServiceName, &str), Row<'_, '_>> = HashMap::new();
    for one in traits {
        let row = rows.entry((one.service, one.key)).or_insert_with(|| vec![None; environments.len()]);
        row[place(one.environment)] = Some(one);
    }
    let mut rows: Vec<((&ServiceName, &str), Row<'_, '_>)> = rows.into_iter().collect();
    rows.sort_unstable_by_key(|(name, _)| *name);
    for (here, name) in environments.iter().enumerate().filter(|(_, name)| wanted(about, name)) {
        let mut groups: HashMap<Alike<'_>, Vec<Member<'_, '_>>> = HashMap::new();
        for (_, row) in &rows {
            let Some(mine) = row[here] else { continue };
            // What only developers' machines have in common says nothing: there everything is `localhost`.
            let others = row.iter().enumerate().map(|(at, one)| {
                one.filter(|one| at != here && !one.local && !developers[at]).map(|other| other.digest)
            });
            let others: Vec<Option<u64>> = others.collect();
            if others.iter().all(Option::is_none) {
                continue;
            }
            let is_store = mine.what != What::Plain;
            let key = if is_store { "" } else { mine.key };
            groups.entry((key, is_store, others)).or_default().push(Member { mine, row });
        }
        let mut groups: Vec<Vec<Member<'_, '_>>> = groups.into_values().filter(|group| group.len() > 1).collect();
        groups.sort_unstable_by_key(|group| (group[0].mine.service, group[0].mine.key));
        for group in groups {
            report.count("what services share", group.len() - 1);
            in_group(landscape, name, (here, &group), silent, report);
        }
    }
}

/// One key of one service, environment by environment.
type Row<'t, 'a> = Vec<Option<&'t Trait<'a>>>;

/// What members of a group have in common: the key, unless they are stores, and what they have in each other environment.
type Alike<'a> = (&'a str, bool, Vec<Option<u64>>);

/// One of those that have the same elsewhere.
#[derive(Clone, Copy)]
struct Member<'t, 'a> {
    mine: &'t Trait<'a>,
    row: &'t Row<'t, 'a>,
}

impl Member<'_, '_> {
    /// Whether both have something in another environment that is not the same: on developers' machines, which were not looked at before.
    fn disagrees_elsewhere(&self, other: &Self, here: usize) -> bool {
        let pairs = self.row.iter().zip(other.row).enumerate().filter(|(at, _)| *at != here);
        pairs
            .filter_map(|(_, (one, other))| Some((one.as_ref()?, other.as_ref()?)))
            .any(|(one, other)| one.digest != other.digest)
    }
}

/// Those of a group that differ from what most of it have.
fn in_group(
    landscape: &Landscape,
    name: &EnvironmentName,
    (here, group): (usize, &[Member<'_, '_>]),
    silent: &Silent,
    report: &mut Report,
) {
    let mut counts: HashMap<u64, usize> = HashMap::new();
    for one in group {
        *counts.entry(one.mine.digest).or_default() += 1;
    }
    if counts.len() < 2 {
        return;
    }
    // Of several with as many friends the first counts.
    let usual = group.iter().rev().max_by_key(|one| counts[&one.mine.digest]).map_or(0, |one| one.mine.digest);
    let (most, others): (Vec<&Member<'_, '_>>, Vec<&Member<'_, '_>>) =
        group.iter().partition(|one| one.mine.digest == usual);
    for one in others {
        let fits = |other: &&&Member<'_, '_>| {
            (other.mine.key == one.mine.key || may_be_one(one.mine, other.mine))
                && !one.disagrees_elsewhere(other, here)
        };
        let same_key = most.iter().filter(|other| other.mine.key == one.mine.key).find(fits);
        let Some(other) = same_key.or_else(|| most.iter().find(fits)) else { continue };
        if !are_declared_sessions(one.mine, other.mine, silent) {
            report.findings.extend(finding(landscape, name, one.mine, other.mine));
        }
    }
}

/// Two keys of other names lead to one store by intent when the store's namespace is said, and neither speaks of a copy to read from.
fn may_be_one(one: &Trait<'_>, other: &Trait<'_>) -> bool {
    let said = |one: &Trait<'_>| matches!(one.what, What::Store { kind, said } if said || holds_data(kind));
    let is_copy = |key: &str| {
        let words = words(key);
        ["replica", "read", "readonly", "reader", "ro", "slave", "secondary", "follower", "standby"]
            .iter()
            .any(|word| words.iter().any(|other| other == word))
    };
    said(one) && said(other) && !is_copy(one.key) && !is_copy(other.key)
}

/// Sessions of which an agreement speaks, or which are compared as such.
fn are_declared_sessions(one: &Trait<'_>, other: &Trait<'_>, silent: &Silent) -> bool {
    let about = |one: &Trait<'_>| one.key.to_ascii_lowercase().contains("session");
    let both = about(one) && about(other);
    let declared = |one: &Trait<'_>| silent.sessions.contains(one.service);
    let stores = one.what != What::Plain && one.service != other.service;
    both && (stores || (declared(one) && declared(other)))
}

fn finding(landscape: &Landscape, here: &EnvironmentName, one: &Trait<'_>, other: &Trait<'_>) -> Option<Finding> {
    let services = &landscape.environments.get(here)?.services;
    let (mine, theirs) = (services.get(one.service)?, services.get(other.service)?);
    let parts = match one.what {
        What::Plain => vec!["value"],
        What::Store { .. } => {
            let lead = |service: &Service, key: &str| leads::lead(service, key, service.values.get(key)?)?.ok();
            let (one, other) = (lead(mine, one.key)?, lead(theirs, other.key)?);
            let Relation::Differs(parts) = between(&one, &other, Placement::OneHost, &[]) else { return None };
            parts
        }
    };
    let (key, there) = (one.key_of(parts[0]), other.key_of(parts[0]));
    let (value, other_value) = (mine.values.get(key)?, theirs.values.get(there)?);
    let in_what = words_of(&parts);
    let elsewhere: Vec<&EnvironmentName> = landscape
        .environments
        .iter()
        .filter(|(name, place)| {
            *name != here
                && [(one, key), (other, there)].iter().all(|(one, key)| {
                    let value = place.services.get(one.service).and_then(|service| service.values.get(*key));
                    value.is_some_and(|value| value.text().is_some())
                })
        })
        .map(|(name, _)| name)
        .collect();
    let message = format!(
        "in {here} `{}:{key}` and `{}:{there}` differ in {in_what}, and in {} they are the same",
        one.service,
        other.service,
        list(&elsewhere)
    );
    let hint = "let both have the same; or say what is meant: must_agree or may_differ in [[agreements]]";
    let finding = Finding::warning("S0271", format!("{}:{key}", one.service), message).hint(hint);
    Some(at(at(finding, value), other_value))
}

/// A digest of where a connection leads; `None` when that cannot be told.
fn store(connection: &Connection) -> Option<(u64, bool, Kind, bool)> {
    let endpoints = connection.endpoints.value()?;
    let space = &connection.namespace;
    if [&space.database, &space.schema, &space.vhost, &space.prefix, &space.path].iter().any(|part| part.is_unknown()) {
        return None;
    }
    let mut places: Vec<String> = endpoints.list.iter().map(one_place).collect();
    if !matches!(endpoints.meaning, Meaning::Failover | Meaning::OrderedRing) {
        places.sort_unstable();
    }
    let mut hasher = DefaultHasher::new();
    connection.kind.hash(&mut hasher);
    places.hash(&mut hasher);
    for part in [&connection.group, &space.database, &space.schema, &space.vhost, &space.prefix, &space.path] {
        part.value().hash(&mut hasher);
    }
    let said = [&space.database, &space.vhost, &space.path]
        .iter()
        .any(|part| matches!(part, Part::Given(text) if !text.is_empty() && text != "/"));
    Some((hasher.finish(), said, connection.kind, is_local(connection)))
}

fn one_place(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Tcp { host, port } => {
            let host = if host.is_loopback() { "localhost" } else { host.as_str() };
            format!("{host}:{}", port.value().map_or(String::new(), ToString::to_string))
        }
        other => format!("{other:?}"),
    }
}

/// A digest of a plain value that services are likely to share; `None` for what is each service's own business.
fn plain(key: &str, value: &Value) -> Option<u64> {
    const OWN: [&str; 41] = [
        "log",
        "logging",
        "level",
        "debug",
        "worker",
        "workers",
        "concurrency",
        "threads",
        "thread",
        "pool",
        "size",
        "timeout",
        "memory",
        "opts",
        "options",
        "version",
        "release",
        "replicas",
        "instance",
        "consumer",
        "user",
        "username",
        "login",
        "password",
        "pass",
        "pwd",
        "client",
        "id",
        "service",
        "title",
        "description",
        "title",
        "locale",
        "listen",
        "bind",
        "interval",
        "retries",
        "retry",
        "cpu",
        "limit",
        "from",
    ];
    const ADDRESSES: [&str; 8] = ["db", "database", "port", "vhost", "namespace", "prefix", "index", "queue"];
    let text = value.text()?.reveal();
    let words = words(key);
    let last = words.last()?.as_str();
    if words.iter().any(|word| OWN.contains(&word.as_str()))
        || words == ["port"]
        || words == ["host"]
        || words == ["app", "name"]
    {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    match Shape::of(text) {
        _ if let Some(hosts) = hosts(text) => hosts.hash(&mut hasher),
        Shape::Json => serde_json::from_str::<serde_json::Value>(text).ok()?.to_string().hash(&mut hasher),
        Shape::Text | Shape::Url | Shape::Email | Shape::Pairs => text.hash(&mut hasher),
        Shape::Number if ADDRESSES.contains(&last) => text.hash(&mut hasher),
        _ => return None,
    }
    Some(hasher.finish())
}

/// Hosts, with or without ports, in one spelling: `Kafka-1.example.org.:9092,kafka-2.example.org:9092`.
fn hosts(text: &str) -> Option<Vec<String>> {
    let one = |part: &str| {
        let part = part.trim();
        let (host, port) = match part.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
            _ => (part, ""),
        };
        let plain = format!("{}:{port}", host.trim_end_matches('.').to_ascii_lowercase());
        let bare = plain.trim_end_matches(':').to_owned();
        (Shape::of(&bare) == Shape::Host).then_some(bare)
    };
    text.split(',').map(one).collect()
}
