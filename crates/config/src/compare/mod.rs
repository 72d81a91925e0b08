//! The same service in several environments: what is missing here, what is of another type there, what was never filled in.
//!
//! | code | severity | meaning |
//! |---|---|---|
//! | S0211 | warning | a key that other environments have is missing |
//! | S0212 | warning | a key that only a protected environment has |
//! | S0213 | error | a key that is probably another one, mistyped |
//! | S0214 | warning | a value of another type than elsewhere |
//! | S0215 | error | a placeholder or a token that was not replaced, in a protected environment; elsewhere a warning |
//! | S0216 | warning | an empty value where others have one |
//! | S0217 | warning | a secret elsewhere, plain here; or the same secret in a protected environment and outside of it |
//! | S0218 | warning | an endpoint for development in a protected environment, or the reverse |
//! | S0219 | note | a service that could not be compared |
//! | S0227 | note | nothing was compared |

mod presence;
mod reach;
mod shapes;

use std::collections::{BTreeMap, BTreeSet};

use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ServiceName};

use crate::landscape::{Environment, Landscape, Origin, Report, Service};
use crate::resolve::Value;

/// Keys of which nothing is reported: `None` stands for every service.
#[derive(Debug, Clone, Default)]
pub struct Silent {
    all: BTreeSet<String>,
    of: BTreeMap<ServiceName, BTreeSet<String>>,
}

impl Silent {
    /// Nothing is reported of this key.
    pub fn add(&mut self, service: Option<&ServiceName>, key: &str) {
        match service {
            Some(service) => self.of.entry(service.clone()).or_default().insert(key.to_owned()),
            None => self.all.insert(key.to_owned()),
        };
    }

    fn holds(&self, service: &ServiceName, key: &str) -> bool {
        self.all.contains(key) || self.of.get(service).is_some_and(|keys| keys.contains(key))
    }
}

/// One service wherever its values are known.
struct Everywhere<'a> {
    name: &'a ServiceName,
    places: Vec<(&'a EnvironmentName, &'a Environment, &'a Service)>,
    silent: &'a Silent,
}

/// One key wherever it is set.
struct Key<'a> {
    name: &'a str,
    values: Vec<(&'a EnvironmentName, &'a Environment, &'a Value)>,
}

/// Compares every service of the environment `about` with the same one elsewhere; without `about`, every environment with every other.
pub fn compare(landscape: &Landscape, about: Option<&EnvironmentName>, silent: &Silent) -> Report {
    let mut report = Report::default();
    let services: BTreeSet<&ServiceName> =
        landscape.environments.values().flat_map(|environment| environment.services.keys()).collect();
    for name in services {
        one(landscape, name, about, silent, &mut report);
    }
    report
}

fn one(
    landscape: &Landscape,
    name: &ServiceName,
    about: Option<&EnvironmentName>,
    silent: &Silent,
    report: &mut Report,
) {
    let mut places = Vec::new();
    for (environment, at) in &landscape.environments {
        let Some(service) = at.services.get(name) else { continue };
        match &service.origin {
            Origin::Unseen { why } => {
                report.unknown.push(format!("{name} in {environment}: {why}"));
                let message = format!("`{name}` in {environment} could not be compared: {why}");
                report.findings.push(Finding::note("S0219", format!("{environment}.{name}"), message));
            }
            _ if service.is_seen() => places.push((environment, at, service)),
            _ => {}
        }
    }
    let everywhere = Everywhere { name, places, silent };
    let keys = everywhere.keys();
    presence::look(&everywhere, &keys, about, report);
    for key in &keys {
        shapes::look(&everywhere, key, about, report);
        reach::look(&everywhere, key, about, report);
    }
}

impl<'a> Everywhere<'a> {
    /// Every key that is set anywhere and not silent.
    fn keys(&self) -> Vec<Key<'a>> {
        let mut keys: BTreeMap<&str, Vec<(&EnvironmentName, &Environment, &Value)>> = BTreeMap::new();
        for &(environment, at, service) in &self.places {
            for (key, value) in &service.values {
                keys.entry(key).or_default().push((environment, at, value));
            }
        }
        keys.into_iter()
            .filter(|(key, _)| !self.silent.holds(self.name, key))
            .map(|(name, values)| Key { name, values })
            .collect()
    }

    fn subject(&self, key: &str) -> String {
        format!("{}:{key}", self.name)
    }
}

/// A comparison that compared nothing is a finding itself: that nothing was found says nothing then.
pub fn nothing(landscape: &Landscape, report: &Report) -> Option<Finding> {
    // These are asked of values that stand alone, too.
    let alone = ["shapes of values", "hosts in values", "keys that the code reads"];
    if report.checked.iter().any(|(what, count)| *count > 0 && !alone.contains(what)) {
        return None;
    }
    let names: Vec<&EnvironmentName> = landscape.environments.keys().collect();
    let is_seen = |environment: &Environment| environment.services.values().any(Service::is_seen);
    let seen = landscape.environments.values().filter(|environment| is_seen(environment)).count();
    let (why, hint) = match (names.as_slice(), seen) {
        ([] | [_], _) => (
            "there is one environment only".to_owned(),
            "add the one in which releases are tested, with its `config`, so that production is compared with it",
        ),
        (_, 0) => (
            format!("no source of configuration is declared for {}, or none can be read", list(&names)),
            "name them as `config` and `reads` of each environment",
        ),
        _ => (
            "no service has configuration in two environments, and no agreement holds for any value".to_owned(),
            "name the sources of the same service in each environment, as `config` and `reads`",
        ),
    };
    let message = format!("no configuration was compared: {why}");
    Some(Finding::note("S0227", "consistency", message).hint(hint))
}

/// Whether findings about this environment are wanted.
fn wanted(about: Option<&EnvironmentName>, environment: &EnvironmentName) -> bool {
    about.is_none_or(|about| about == environment)
}

/// A list for a person: `a`, `a and b`, `a, b and c`.
fn list(names: &[&EnvironmentName]) -> String {
    let words: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// The finding, placed where a value was set.
fn at(finding: Finding, value: &Value) -> Finding {
    let place = value.provenance.place();
    finding.at(place.file, place.line, place.column)
}
