//! Values that must have something in common, or must not: declared in sternway.toml, or inferred.
//!
//! | code | severity | meaning |
//! |---|---|---|
//! | S0220 | error | values that must agree do not |
//! | S0221 | error | a value that must differ between environments does not |
//! | S0222 | error | services that share sessions differ in something by which a session is found |
//! | S0223 | warning | an agreement that could not be checked: unknown is never taken for equal |
//! | S0224 | error, warning | inferred: services name session stores that are not the same. An error where other environments show that they should be |
//! | S0226 | error | `connections` names a client that is not known |

mod inferred;
mod named;
mod read;
mod session;
mod values;

use std::collections::BTreeMap;

use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::project::{Agreement, Component, Rule, ValueRef};

pub use self::named::{Named, SessionStore, Sharing, Sharings, connections, session_store, sharing};
use self::read::{Absent, Reading};
pub(crate) use self::values::{Relation, between};
use crate::landscape::{Environment, Landscape, Report, Service};

/// Checks every agreement, and what can be inferred where none was declared. With `about`, only what concerns that environment.
pub fn check(landscape: &Landscape, agreements: &[Agreement], about: Option<&EnvironmentName>) -> Report {
    let mut report = Report::default();
    read::unknown_clients(landscape, about, &mut report);
    for agreement in agreements {
        let holds = |name: &EnvironmentName| agreement.environments.is_empty() || agreement.environments.contains(name);
        let places: Vec<_> = landscape.environments.iter().filter(|(name, _)| holds(name)).collect();
        match &agreement.rule {
            Rule::MustAgree(values) => {
                for (name, place) in places.into_iter().filter(|(name, _)| about.is_none_or(|about| about == *name)) {
                    must_agree(agreement, values, name, place, &mut report);
                }
            }
            Rule::MustDiffer(values) => must_differ(agreement, values, &places, about, &mut report),
            Rule::Session(services) => {
                for (name, place) in places.into_iter().filter(|(name, _)| about.is_none_or(|about| about == *name)) {
                    session::check(agreement, services, name, place, &mut report);
                }
            }
            Rule::MayDiffer(_) => {}
        }
    }
    inferred::check(landscape, agreements, about, &mut report);
    report
}

/// The services whose value is meant.
fn whose<'a>(value: &'a ValueRef, place: &'a Environment) -> Vec<&'a ServiceName> {
    if let Some(service) = &value.service {
        return vec![service];
    }
    let has = |(_, service): &(&ServiceName, &Service)| service.values.contains_key(&value.key);
    place.services.iter().filter(has).map(|(name, _)| name).collect()
}

fn must_agree(
    agreement: &Agreement,
    values: &[ValueRef],
    name: &EnvironmentName,
    place: &Environment,
    report: &mut Report,
) {
    let mut readings: Vec<Reading<'_>> = Vec::new();
    for value in values {
        for service in whose(value, place) {
            match Reading::of(name, place, service, &value.key) {
                Ok(reading) => readings.push(reading),
                Err(Absent::Unseen(why)) => {
                    report.findings.push(not_checked(agreement, name, &why, &mut report.unknown));
                }
                Err(Absent::Missing) => {
                    let message = format!("in {name} `{service}` has no `{}`{}", value.key, reason(agreement));
                    let finding = Finding::error("S0220", subject(agreement), message);
                    let finding = finding.hint("set it to the same as the others, or take back the agreement");
                    report.findings.push(declared(agreement, finding));
                }
            }
        }
    }
    let Some((reference, others)) = split(&readings, &agreement.on) else { return };
    report.count("agreements between values", others.len());
    for other in others {
        match values::relation(reference, other, &agreement.on, true) {
            Relation::Same => {}
            Relation::Differs(parts) => {
                let message = format!(
                    "in {name} `{}` and `{}` differ in {}{}",
                    reference.shown(),
                    other.shown(),
                    words_of(&parts),
                    reason(agreement)
                );
                let finding = Finding::error("S0220", subject(agreement), message)
                    .hint("make them the same, or take back the agreement");
                report.findings.push(declared(agreement, reference.at(other.at(finding))));
            }
            Relation::Unknown(why) => {
                let why = format!("`{}` and `{}`: {why}", reference.shown(), other.shown());
                let finding = not_checked(agreement, name, &why, &mut report.unknown);
                report.findings.push(reference.at(other.at(finding)));
            }
        }
    }
}

/// The value with which most of the others agree, and the others.
fn split<'r, 'a>(readings: &'r [Reading<'a>], on: &[Component]) -> Option<(&'r Reading<'a>, Vec<&'r Reading<'a>>)> {
    let agreeing = |index: usize| {
        let same = |other: &Reading<'_>| matches!(values::relation(&readings[index], other, on, true), Relation::Same);
        readings.iter().filter(|other| same(other)).count()
    };
    // Of several with as many friends the first counts.
    let reference = (0..readings.len()).rev().max_by_key(|index| agreeing(*index))?;
    let others = readings.iter().enumerate().filter(|(index, _)| *index != reference).map(|(_, other)| other).collect();
    Some((&readings[reference], others))
}

fn must_differ(
    agreement: &Agreement,
    values: &[ValueRef],
    places: &[(&EnvironmentName, &Environment)],
    about: Option<&EnvironmentName>,
    report: &mut Report,
) {
    for value in values {
        let mut by_service: BTreeMap<&ServiceName, Vec<Reading<'_>>> = BTreeMap::new();
        for (name, place) in places {
            for service in whose(value, place) {
                // Where it is not set there is nothing that could be the same.
                if let Ok(reading) = Reading::of(name, place, service, &value.key) {
                    by_service.entry(service).or_default().push(reading);
                }
            }
        }
        for readings in by_service.into_values() {
            for (index, one) in readings.iter().enumerate() {
                for other in &readings[index + 1..] {
                    if about.is_none_or(|about| about == one.environment || about == other.environment) {
                        differ(agreement, one, other, report);
                    }
                }
            }
        }
    }
}

fn differ(agreement: &Agreement, one: &Reading<'_>, other: &Reading<'_>, report: &mut Report) {
    report.count("values that must differ", 1);
    let (here, there) = (one.environment, other.environment);
    match values::relation(one, other, &agreement.on, false) {
        Relation::Differs(_) => {}
        Relation::Same => {
            let message = format!("`{}` is the same in {here} and {there}{}", one.shown(), reason(agreement));
            let finding = Finding::error("S0221", subject(agreement), message).hint("give each environment its own");
            report.findings.push(declared(agreement, one.at(other.at(finding))));
        }
        Relation::Unknown(why) => {
            let why = format!("`{}` in {here} and {there}: {why}", one.shown());
            let finding = not_checked(agreement, here, &why, &mut report.unknown);
            report.findings.push(one.at(other.at(finding)));
        }
    }
}

/// What could not be told is a finding, and counts as unknown.
fn not_checked(agreement: &Agreement, name: &EnvironmentName, why: &str, unknown: &mut Vec<String>) -> Finding {
    unknown.push(format!("{}: {why}", subject(agreement)));
    let message = format!("it could not be checked in {name}: {why}");
    declared(agreement, Finding::warning("S0223", subject(agreement), message))
}

fn subject(agreement: &Agreement) -> String {
    format!("agreement \"{}\"", agreement.name)
}

fn reason(agreement: &Agreement) -> String {
    agreement.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default()
}

fn declared(agreement: &Agreement, finding: Finding) -> Finding {
    finding.at(&agreement.place.file, agreement.place.line, agreement.place.column)
}

/// `server and database`.
pub(crate) fn words_of(parts: &[&'static str]) -> String {
    match parts {
        [] => "something".to_owned(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
