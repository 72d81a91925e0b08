//! By what a user's session is found: the store, the place in it, the cookie, how it is written and what protects it. Services that share
//! sessions must agree in all of them.

use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::project::{Agreement, Component};

use super::values::{Relation, between};
use super::{declared, not_checked, reason, subject, words_of};
use crate::destination::Destination;
use crate::landscape::{Environment, Report, Service};
use crate::leads::{self, Lead};
use crate::resolve::Value;
use crate::stores::{Kind, Placement};

/// What beside the store identifies a session, and the keys that say it, in capitals with `_`: those of PHP's `session.*` (php.net, "Session
/// Runtime Configuration"), Laravel's config/session.php, Symfony's `framework.session`, Rails, Django, Express and Spring Session.
const IDENTITY: [(&str, &[&str]); 8] = [
    (
        "key prefix",
        &[
            "SESSION_PREFIX",
            "SESSION_REDIS_PREFIX",
            "REDIS_PREFIX",
            "SESSION_REDIS_NAMESPACE",
            "SPRING_SESSION_REDIS_NAMESPACE",
        ],
    ),
    ("application name", &["SESSION_APP_NAME", "DATA_PROTECTION_APPLICATION_NAME", "DATAPROTECTION_APPLICATIONNAME"]),
    ("cookie's name", &["SESSION_COOKIE", "SESSION_COOKIE_NAME", "SESSION_NAME", "SERVER_SERVLET_SESSION_COOKIE_NAME"]),
    (
        "cookie's domain",
        &["SESSION_DOMAIN", "SESSION_COOKIE_DOMAIN", "COOKIE_DOMAIN", "SERVER_SERVLET_SESSION_COOKIE_DOMAIN"],
    ),
    ("cookie's path", &["SESSION_PATH", "SESSION_COOKIE_PATH", "SERVER_SERVLET_SESSION_COOKIE_PATH"]),
    (
        "cookie's SameSite",
        &[
            "SESSION_SAME_SITE",
            "SESSION_SAMESITE",
            "SESSION_COOKIE_SAMESITE",
            "SERVER_SERVLET_SESSION_COOKIE_SAME_SITE",
        ],
    ),
    ("serializer", &["SESSION_SERIALIZER", "SESSION_SERIALIZE_HANDLER", "SESSION_SERIALIZATION"]),
    (
        "protection key",
        &[
            "APP_KEY",
            "SECRET_KEY_BASE",
            "SESSION_SECRET",
            "SESSION_ENCRYPTION_KEY",
            "APP_SECRET",
            "SECRET_KEY",
            "COOKIE_SECRET",
        ],
    ),
];

/// A service's session store.
pub(super) struct Store<'a> {
    pub(super) key: String,
    pub(super) value: &'a Value,
    pub(super) connection: Lead,
}

fn about_sessions(key: &str) -> bool {
    key.to_ascii_lowercase().contains("session")
}

/// Every store that a service's keys name for sessions. A file that several services share may name more than one.
pub(super) fn named(service: &Service) -> Vec<Store<'_>> {
    let values = service.values.iter().filter(|(key, _)| about_sessions(key));
    let found: Vec<_> = values
        .filter_map(|(key, value)| {
            Some(Store { key: key.clone(), value, connection: leads::lead(service, key, value)? })
        })
        .collect();
    if found.is_empty() { store(service, true).into_iter().collect() } else { found }
}

/// The store that a service keeps sessions in, by the keys that name one: what speaks of sessions comes first; without that, `only_named`
/// decides whether the service's only Redis counts.
pub(super) fn store(service: &Service, only_named: bool) -> Option<Store<'_>> {
    for (key, value) in &service.values {
        if about_sessions(key)
            && let Some(connection) = leads::lead(service, key, value)
        {
            return Some(Store { key: key.clone(), value, connection });
        }
    }
    let parts = leads::assembled(service);
    let is_redis = |lead: &Lead| lead.as_ref().is_ok_and(|found| found.kind() == Kind::Redis);
    let named = parts.iter().find(|found| about_sessions(&found.stem));
    let redis = || parts.iter().find(|found| is_redis(&found.destination));
    if let Some(found) = named.or_else(|| if only_named { None } else { redis() }) {
        let key = found.keys.first()?.clone();
        let value = service.values.get(&key)?;
        return Some(Store { key, value, connection: found.destination.clone() });
    }
    if only_named {
        return None;
    }
    service.values.iter().find_map(|(key, value)| {
        let connection = leads::lead(service, key, value)?;
        is_redis(&connection).then(|| Store { key: key.clone(), value, connection })
    })
}

/// How two stores relate: where they lead, the namespace there, and the encryption.
pub(super) fn relation(one: &Store<'_>, other: &Store<'_>) -> Relation {
    match (&one.connection, &other.connection) {
        (Ok(a), Ok(b)) => related(a, b),
        (Err(why), _) | (_, Err(why)) => Relation::Unknown(why.clone()),
    }
}

/// The same for where they lead.
pub(super) fn related(one: &Destination, other: &Destination) -> Relation {
    between(one, other, Placement::OneHost, &[Component::Store, Component::Namespace, Component::Tls])
}

/// The key prefix that is configured for sessions, or the instance name by which ASP.NET's cache prefixes its keys.
pub(super) fn configured_prefix(service: &Service) -> Option<&Value> {
    let (_, keys) = IDENTITY[0];
    let by =
        |fits: &dyn Fn(&str) -> bool| service.values.iter().find(|(key, _)| fits(&plain(key))).map(|(_, value)| value);
    by(&|key| keys.contains(&key))
        .or_else(|| by(&|key| key.ends_with("INSTANCENAME") || key.ends_with("INSTANCE_NAME")))
}

pub(super) fn check(
    agreement: &Agreement,
    services: &[ServiceName],
    name: &EnvironmentName,
    place: &Environment,
    report: &mut Report,
) {
    let mut seen: Vec<(&ServiceName, &Service)> = Vec::new();
    for service in services {
        match place.services.get(service) {
            Some(found) if found.is_seen() => seen.push((service, found)),
            Some(_) | None => {
                let why = format!("the configuration of `{service}` cannot be seen");
                report.findings.push(not_checked(agreement, name, &why, &mut report.unknown));
            }
        }
    }
    let Some(((first, reference), others)) = seen.split_first() else { return };
    for (other, service) in others {
        stores_agree(agreement, name, (first, reference), (other, service), report);
        for (part, keys) in IDENTITY {
            part_agrees(agreement, name, (part, keys), (first, reference), (other, service), report);
        }
    }
}

fn stores_agree(
    agreement: &Agreement,
    name: &EnvironmentName,
    (first, reference): (&ServiceName, &Service),
    (other, service): (&ServiceName, &Service),
    report: &mut Report,
) {
    let (one, two) = match (store(reference, false), store(service, false)) {
        (Some(one), Some(two)) => (one, two),
        (one, _) => {
            let lacking = if one.is_none() { first } else { other };
            let why = format!("no value of `{lacking}` names a session store");
            report.findings.push(not_checked(agreement, name, &why, &mut report.unknown));
            return;
        }
    };
    report.count("session stores", 1);
    let at = |finding: Finding| {
        let (a, b) = (one.value.provenance.place(), two.value.provenance.place());
        finding.at(b.file, b.line, b.column).at(a.file, a.line, a.column)
    };
    let shown = format!("`{first}:{}` and `{other}:{}`", one.key, two.key);
    match relation(&one, &two) {
        Relation::Same => {}
        Relation::Differs(parts) => {
            let message = format!(
                "in {name} {shown} differ in {}: a session of the one is not found by the other{}",
                words_of(&parts),
                reason(agreement)
            );
            let finding = Finding::error("S0222", subject(agreement), message).hint("let both name the same store");
            report.findings.push(declared(agreement, at(finding)));
        }
        Relation::Unknown(why) => {
            let why = format!("{shown}: {why}");
            report.findings.push(at(not_checked(agreement, name, &why, &mut report.unknown)));
        }
    }
}

fn part_agrees(
    agreement: &Agreement,
    name: &EnvironmentName,
    (part, keys): (&'static str, &[&str]),
    (first, reference): (&ServiceName, &Service),
    (other, service): (&ServiceName, &Service),
    report: &mut Report,
) {
    let find = |service: &'_ Service| {
        service
            .values
            .iter()
            .find(|(key, _)| keys.contains(&plain(key).as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
    };
    let (one, two) = match (find(reference), find(service)) {
        (None, None) => return,
        (Some(one), Some(two)) => (one, two),
        (Some((key, value)), None) | (None, Some((key, value))) => {
            let (has, lacks) = if find(reference).is_some() { (first, other) } else { (other, first) };
            let why = format!("the {part} is set by `{has}:{key}`, and `{lacks}` uses its program's default");
            let place = value.provenance.place();
            report.findings.push(not_checked(agreement, name, &why, &mut report.unknown).at(
                place.file,
                place.line,
                place.column,
            ));
            return;
        }
    };
    report.count("parts of session identity", 1);
    match one.1.same(&two.1) {
        Some(true) => {}
        Some(false) => {
            let message = format!(
                "in {name} the {part} differs between `{first}:{}` and `{other}:{}`: a session of the one is not found by the other{}",
                one.0,
                two.0,
                reason(agreement)
            );
            let (a, b) = (one.1.provenance.place(), two.1.provenance.place());
            let finding = Finding::error("S0222", subject(agreement), message).hint("make them the same");
            let finding = finding.at(b.file, b.line, b.column).at(a.file, a.line, a.column);
            report.findings.push(declared(agreement, finding));
        }
        None => {
            let why = format!("the {part} cannot be told: {}", one.1.why_unknown(&two.1));
            report.findings.push(not_checked(agreement, name, &why, &mut report.unknown));
        }
    }
}

/// A key in capitals with `_`.
fn plain(key: &str) -> String {
    key.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}
