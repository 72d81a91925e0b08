//! What nobody declared and everybody would expect: services of one environment that name session stores share them when they do so elsewhere.

use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::project::{Agreement, Rule};

use super::session::{self, Store};
use super::values::Relation;
use super::words_of;
use crate::landscape::{Environment, Landscape, Report, Service};

pub(super) fn check(
    landscape: &Landscape,
    agreements: &[Agreement],
    about: Option<&EnvironmentName>,
    report: &mut Report,
) {
    for (name, place) in &landscape.environments {
        if about.is_none_or(|about| about == name) {
            session_stores(landscape, agreements, name, place, report);
        }
    }
}

/// Whether an agreement speaks of this value already.
fn spoken_of(agreements: &[Agreement], service: &ServiceName, key: &str) -> bool {
    agreements.iter().any(|agreement| match &agreement.rule {
        Rule::MustAgree(values) | Rule::MustDiffer(values) | Rule::MayDiffer(values) => {
            values.iter().any(|value| value.key == key && value.service.as_ref().is_none_or(|named| named == service))
        }
        Rule::Session(services) => services.contains(service),
    })
}

fn named_stores(service: &Service) -> Vec<Store<'_>> {
    if service.is_seen() { session::named(service) } else { Vec::new() }
}

/// A service and its session store.
pub(super) type Holder<'a> = (&'a ServiceName, Store<'a>);

/// Who may share sessions, though nobody said so: any two services whose stores are named and of which no agreement speaks, in every
/// combination of their stores, service by service.
fn combinations<'a>(agreements: &[Agreement], place: &'a Environment) -> Vec<Vec<(Holder<'a>, Holder<'a>)>> {
    let named = |service: &'a ServiceName| {
        let stores = place.services.get(service).map(named_stores).unwrap_or_default();
        stores.into_iter().filter(move |store| !spoken_of(agreements, service, &store.key))
    };
    let services: Vec<&ServiceName> = place.services.keys().collect();
    let pairs = services
        .iter()
        .enumerate()
        .flat_map(|(index, first)| services[index + 1..].iter().map(move |other| (*first, *other)));
    pairs
        .map(|(first, other)| {
            let with = |key: &str| named(first).find(|store| store.key == key).map(|store| (first, store));
            let mut found = Vec::new();
            for one in named(first) {
                found.extend(named(other).filter_map(|two| Some((with(&one.key)?, (other, two)))));
            }
            found
        })
        .filter(|combinations| !combinations.is_empty())
        .collect()
}

/// Those of them that should be one: a service's only store, what is the same here by its text, and what is the same elsewhere.
pub(super) fn pairs<'a>(
    landscape: &'a Landscape,
    agreements: &[Agreement],
    about: &EnvironmentName,
    place: &'a Environment,
) -> Vec<(Holder<'a>, Holder<'a>)> {
    let mut found = Vec::new();
    for stores in combinations(agreements, place) {
        let only_one = stores.len() == 1;
        found.extend(stores.into_iter().filter(|((first, one), (other, two))| {
            only_one
                || !matches!(session::relation(one, two), Relation::Differs(_))
                || agreeing_elsewhere(landscape, about, (first, &one.key), (other, &two.key)).is_some()
        }));
    }
    found
}

fn session_stores(
    landscape: &Landscape,
    agreements: &[Agreement],
    name: &EnvironmentName,
    place: &Environment,
    report: &mut Report,
) {
    for stores in combinations(agreements, place) {
        report.count("session stores", 1);
        for ((first, one), (other, two)) in &stores {
            if let Relation::Unknown(why) = session::relation(one, two) {
                report.unknown.push(format!("{first}:{} and {other}:{} in {name}: {why}", one.key, two.key));
            }
        }
        // Where services name several, they need not all be one; those that are one elsewhere are.
        let only_one = stores.len() == 1;
        let differing = stores.iter().find_map(|((first, one), (other, two))| {
            let Relation::Differs(parts) = session::relation(one, two) else { return None };
            let elsewhere = agreeing_elsewhere(landscape, name, (first, &one.key), (other, &two.key));
            (only_one || elsewhere.is_some()).then_some(((*first, one), (*other, two), parts, elsewhere))
        });
        let Some(((first, one), (other, two), parts, elsewhere)) = differing else { continue };
        let shown = format!("`{first}:{}` and `{other}:{}`", one.key, two.key);
        let message = match &elsewhere {
            Some(there) => format!(
                "in {name} the session stores {shown} differ in {}, and in {there} they are the same: a session of the one is not found by \
                 the other",
                words_of(&parts)
            ),
            None => format!("in {name} the session stores {shown} differ in {}", words_of(&parts)),
        };
        let subject = format!("{other}:{}", two.key);
        let hint =
            "let both name the same store; or say what is meant: session, must_agree or may_differ in [[agreements]]";
        let finding = if elsewhere.is_some() {
            Finding::error("S0224", subject, message)
        } else {
            Finding::warning("S0224", subject, message)
        };
        let (a, b) = (one.value.provenance.place(), two.value.provenance.place());
        report.findings.push(finding.at(b.file, b.line, b.column).at(a.file, a.line, a.column).hint(hint));
    }
}

/// Another environment in which these keys of the two services name the same session store.
pub(super) fn agreeing_elsewhere(
    landscape: &Landscape,
    here: &EnvironmentName,
    (first, one): (&ServiceName, &str),
    (other, two): (&ServiceName, &str),
) -> Option<EnvironmentName> {
    let store = |place: &'_ Environment, service: &ServiceName, key: &str| {
        let service = place.services.get(service)?;
        named_stores(service).into_iter().find(|store| store.key == key).map(|store| store.connection)
    };
    landscape.environments.iter().filter(|(name, _)| *name != here).find_map(|(name, place)| {
        let (one, two) = (store(place, first, one)?.ok()?, store(place, other, two)?.ok()?);
        matches!(session::related(&one, &two), Relation::Same).then(|| name.clone())
    })
}
