//! What differs between environments in more than it must: hosts and passwords do, and names that hold the environment's. A port, the
//! number of a database, a key prefix, and what is left of a name without the environment's, do not.

use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;

use super::{Everywhere, Held, Key, at, list, wanted};
use crate::landscape::Report;
use crate::names::{Words, are_close};
use crate::recognise::{is_secret, words};
use crate::shape::Shape;
use crate::stores::{Connection, Endpoint, Kind, Tls};

/// Reports it.
pub(super) fn look(everywhere: &Everywhere<'_>, key: &Key<'_>, about: Option<&EnvironmentName>, report: &mut Report) {
    if key.values.len() < 2 {
        return;
    }
    let traits: Vec<Option<Traits>> = key.values.iter().map(|held| traits(everywhere, key, held)).collect();
    for (index, (here, mine)) in key.values.iter().zip(&traits).enumerate() {
        let Some(mine) = mine.as_ref().filter(|_| wanted(about, here.environment)) else { continue };
        // With two environments each differs from the other: the protected one is said, or the one that was asked about.
        if about.is_none() && !here.at.protected && key.values.len() == 2 {
            continue;
        }
        let others = key.values.iter().zip(&traits).enumerate().filter(|(at, _)| *at != index);
        let others: Vec<(&Held<'_>, &Traits)> =
            others.filter_map(|(_, (held, traits))| Some((held, traits.as_ref()?))).collect();
        // What a developer's own machine has says little where there is an environment like production.
        let is_real = |held: &Held<'_>, other: &Traits| !other.local && !everywhere.is_of_development(held);
        let real: Vec<_> = others.iter().filter(|(held, other)| is_real(held, other)).copied().collect();
        let others = if real.is_empty() { others } else { real };
        report.count("parts of values", if others.is_empty() { 0 } else { mine.parts.len() });
        for part in &mine.parts {
            let having = others.iter().filter_map(|(held, other)| Some((*held, *other, other.part(part.what)?)));
            let theirs: Vec<(&Held<'_>, &Traits, &Trait)> = having.collect();
            let Some((held, first, other)) = theirs.first() else { continue };
            if theirs.iter().any(|(_, _, one)| one.left != other.left) {
                continue;
            }
            if part.left != other.left && part.matters(other, theirs.len(), mine, first) {
                let names: Vec<&EnvironmentName> = theirs.iter().map(|(held, _, _)| held.environment).collect();
                let message = format!(
                    "in {} it has another {} than in {}, by more than the environment's name",
                    here.environment,
                    part.what,
                    list(&names)
                );
                let hint = "see whether it is meant; if so, say that it may_differ in [[agreements]]";
                let finding = Finding::warning("S0272", everywhere.subject(key.name), message).hint(hint);
                report.findings.push(at(at(finding, here.value), held.value));
                break;
            }
        }
    }
}

/// What can be compared of one value.
struct Traits {
    parts: Vec<Trait>,
    /// Whether it leads to the machine itself, or to a name that only a developer's network has.
    local: bool,
    tls: Option<Tls>,
    /// The machines, where one may keep several environments apart: a store, and not a service on the network that all use.
    hosts: Vec<String>,
}

/// One part.
struct Trait {
    what: &'static str,
    /// What is left of it without the environment's name.
    left: String,
    /// Whether it had the environment's name.
    named: bool,
    how: How,
}

/// When a difference counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// Always.
    Exact,
    /// Where names show a pattern, or are close to each other.
    Name,
    /// Only where all have the environment's name in them.
    Pattern,
}

impl Traits {
    fn part(&self, what: &str) -> Option<&Trait> {
        self.parts.iter().find(|part| part.what == what)
    }
}

impl Trait {
    fn matters(&self, other: &Self, others: usize, mine: &Traits, theirs: &Traits) -> bool {
        // Encrypted in one place and plain in another: that has its own port.
        if self.what == "port" && mine.tls != theirs.tls {
            return false;
        }
        // On one machine, the port or the number of the database is what keeps environments apart.
        if !mine.hosts.is_empty() && mine.hosts == theirs.hosts {
            return false;
        }
        match self.how {
            How::Exact => true,
            How::Name => (self.named && other.named) || others > 1 || are_close(&self.left, &other.left),
            How::Pattern => self.named && other.named,
        }
    }
}

fn traits(everywhere: &Everywhere<'_>, key: &Key<'_>, held: &Held<'_>) -> Option<Traits> {
    let text = held.value.text()?.reveal();
    let environment = &everywhere.places[held.place].words;
    let part = |what: &'static str, name: &str, how: How| Trait {
        what,
        left: environment.out_of(name),
        named: environment.are_in(name),
        how,
    };
    let seen = &everywhere.places[held.place];
    if let Some(lead) = seen.leads.alone(key.name) {
        return Some(of_connection(lead.as_ref().ok()?.here()?, environment, &part));
    }
    let words = words(key.name);
    let last = words.last().map_or("", String::as_str);
    // Each part of a connection is said by its own key.
    let together = seen.leads.together(key.name).and_then(|(_, lead)| lead.as_ref().ok()?.here());
    let local = together.is_some_and(is_local);
    let tls = together.and_then(|connection| connection.tls.value().copied());
    let hosts = together.map(hosts).unwrap_or_default();
    let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exact = |what, text: &str| Trait { what, left: text.to_owned(), named: false, how: How::Exact };
    let prefix = |text: &str| Trait { what: "prefix", left: environment.cut_from(text), named: false, how: How::Exact };
    let mut parts = Vec::new();
    match last {
        "port" if number && (seen.leads.together(key.name).is_some() || has_host(seen.service, key.name)) => {
            parts.push(exact("port", text));
        }
        "db" | "database" if number => parts.push(exact("database", text)),
        "db" | "database" => parts.push(part("database", text, How::Name)),
        "name" if words.iter().any(|word| word == "db" || word == "database") => {
            parts.push(part("database", text, How::Name));
        }
        "prefix" | "namespace" | "instancename" => parts.push(prefix(text)),
        "name" if words.iter().any(|word| word == "instance") => parts.push(prefix(text)),
        "vhost" => parts.push(part("virtual host", text, How::Exact)),
        _ if Shape::of(text) == Shape::Host => {
            // `cache.example.org:11211` in one value.
            let port = text.rsplit_once(':').map_or("", |(_, port)| port);
            if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) {
                parts.push(exact("port", port));
            }
        }
        _ if Shape::of(text) == Shape::Text && text.len() <= 100 && !is_secret(key.name, text) => {
            parts.push(part("name", text, How::Pattern));
        }
        _ => {}
    }
    (!parts.is_empty()).then_some(Traits { parts, local, tls, hosts })
}

/// Whether a key for a host stands beside this key for a port.
fn has_host(service: &crate::landscape::Service, key: &str) -> bool {
    // `HOST` and `PORT` alone are most often where a service listens.
    let stem = key.len().checked_sub(4).and_then(|at| key.get(..at)).filter(|stem| !stem.is_empty());
    let Some(stem) = stem else { return false };
    ["HOST", "Host", "host", "ADDRESS", "Address", "address", "SERVER", "Server", "server"]
        .iter()
        .any(|word| service.values.contains_key(&format!("{stem}{word}")))
}

fn of_connection(
    connection: &Connection,
    environment: &Words,
    part: &dyn Fn(&'static str, &str, How) -> Trait,
) -> Traits {
    let space = &connection.namespace;
    let exact = |what, left: String| Trait { what, left, named: false, how: How::Exact };
    let mut parts = vec![exact("kind of store", connection.kind.to_string())];
    if let Some(ports) = ports(connection) {
        parts.push(exact("port", ports));
    }
    if let Some(database) = space.database.value() {
        let number = connection.kind == Kind::Redis;
        parts.push(if number { exact("database", database.clone()) } else { part("database", database, How::Name) });
    }
    for (what, value) in [("schema", &space.schema), ("virtual host", &space.vhost)] {
        if let Some(value) = value.value() {
            parts.push(part(what, value, How::Exact));
        }
    }
    if let Some(value) = space.prefix.value() {
        parts.push(exact("prefix", environment.cut_from(value)));
    }
    if let Some(path) = space.path.value().filter(|_| connection.kind == Kind::Http) {
        parts.push(exact("version in its path", versions(path)));
    }
    Traits { parts, local: is_local(connection), tls: connection.tls.value().copied(), hosts: hosts(connection) }
}

/// The steps of a path that are versions: `v2`.
fn versions(path: &str) -> String {
    let is_version = |step: &&str| {
        step.strip_prefix(['v', 'V'])
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    path.split('/').filter(is_version).collect::<Vec<_>>().join("/")
}

/// The machines, sorted; where it leads to this one, that.
fn hosts(connection: &Connection) -> Vec<String> {
    if matches!(connection.kind, Kind::Smtp | Kind::Http) {
        return Vec::new();
    }
    let endpoints = connection.endpoints.value();
    let host = |endpoint: &Endpoint| match endpoint {
        Endpoint::Tcp { host, .. } if host.is_loopback() => Some("localhost".to_owned()),
        Endpoint::Tcp { host, .. } => Some(host.as_str().to_owned()),
        _ => None,
    };
    let mut hosts: Vec<String> = endpoints.into_iter().flat_map(|endpoints| &endpoints.list).filter_map(host).collect();
    hosts.sort_unstable();
    hosts
}

/// All ports, when all are known.
fn ports(connection: &Connection) -> Option<String> {
    let endpoints = connection.endpoints.value()?;
    let mut ports = Vec::new();
    for endpoint in &endpoints.list {
        let Endpoint::Tcp { port, .. } = endpoint else { return None };
        ports.push(*port.value()?);
    }
    ports.sort_unstable();
    ports.dedup();
    Some(ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

/// Whether a connection leads to the machine itself, or to a name without a dot, as networks of containers have.
pub(super) fn is_local(connection: &Connection) -> bool {
    let Some(endpoints) = connection.endpoints.value() else { return false };
    endpoints.list.iter().all(|endpoint| match endpoint {
        Endpoint::Tcp { host, .. } => host.is_loopback() || !host.as_str().contains(['.', ':']),
        _ => true,
    })
}
