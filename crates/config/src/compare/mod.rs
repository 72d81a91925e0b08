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
//! | S0225 | warning | a database of a protected environment is used outside of it |
//! | S0227 | note | nothing was compared |
//! | S0271 | warning | services that have the same everywhere else do not have it here |
//! | S0272 | warning | a port, a database, a prefix or a name that differs in more than the environment's name |
//! | S0273 | warning | less encrypted than elsewhere |
//! | S0274 | warning | no layer lies over a file over which one lies elsewhere |
//! | S0275 | warning | a value in a protected environment that names another one |
//! | S0276 | warning | a secret that a comment may have cut |
//! | S0281 | note | an environment is compared as it was sealed |
//! | S0282 | warning | its values cannot be told from others: the fingerprint key is not here |

mod across;
mod belonging;
mod credentials;
mod databases;
mod drift;
mod encryption;
mod layering;
mod presence;
pub(crate) mod reach;
mod sealed;
pub(crate) mod shapes;

use std::collections::{BTreeMap, BTreeSet};

use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::project::{Agreement, Rule};

use self::across::Trait;
use crate::landscape::{Environment, Landscape, Origin, Report, Service};
use crate::leads::{Lead, Leads};
use crate::names::Words;
use crate::parallel::read_all;
use crate::resolve::Value;

/// Keys of which nothing is reported, and those of which agreements speak: nothing is inferred for them.
#[derive(Debug, Clone, Default)]
pub struct Silent {
    quiet: Keys,
    spoken: Keys,
    sessions: BTreeSet<ServiceName>,
}

/// Keys of one service, or of all.
#[derive(Debug, Clone, Default)]
struct Keys {
    all: BTreeSet<String>,
    of: BTreeMap<ServiceName, BTreeSet<String>>,
}

impl Keys {
    fn add(&mut self, service: Option<&ServiceName>, key: &str) {
        match service {
            Some(service) => self.of.entry(service.clone()).or_default().insert(key.to_owned()),
            None => self.all.insert(key.to_owned()),
        };
    }

    fn hold(&self, service: &ServiceName, key: &str) -> bool {
        self.all.contains(key) || self.of.get(service).is_some_and(|keys| keys.contains(key))
    }
}

impl Silent {
    /// What the agreements of a project say.
    pub fn of(agreements: &[Agreement]) -> Self {
        let mut silent = Self::default();
        for agreement in agreements {
            let (keys, values) = match &agreement.rule {
                Rule::MayDiffer(values) => (&mut silent.quiet, values),
                Rule::MustAgree(values) | Rule::MustDiffer(values) => (&mut silent.spoken, values),
                Rule::Session(services) => {
                    silent.sessions.extend(services.iter().cloned());
                    continue;
                }
            };
            for value in values {
                keys.add(value.service.as_ref(), &value.key);
            }
        }
        silent
    }

    /// Nothing is reported of this key, of one service or of all.
    pub fn add(&mut self, service: Option<&ServiceName>, key: &str) {
        self.quiet.add(service, key);
    }

    fn holds(&self, service: &ServiceName, key: &str) -> bool {
        self.quiet.hold(service, key)
    }

    /// Whether an agreement speaks of this key.
    fn speaks(&self, service: &ServiceName, key: &str) -> bool {
        self.spoken.hold(service, key) || self.quiet.hold(service, key)
    }
}

/// One service wherever its values are known.
struct Everywhere<'a> {
    name: &'a ServiceName,
    places: Vec<Seen<'a>>,
    silent: &'a Silent,
}

/// One service in one environment.
struct Seen<'a> {
    environment: &'a EnvironmentName,
    at: &'a Environment,
    service: &'a Service,
    leads: Leads<'a>,
    words: Words,
}

/// One key wherever it is set.
struct Key<'a> {
    name: &'a str,
    values: Vec<Held<'a>>,
}

/// One key in one environment.
#[derive(Clone, Copy)]
struct Held<'a> {
    environment: &'a EnvironmentName,
    at: &'a Environment,
    value: &'a Value,
    /// Which of the service's places it is.
    place: usize,
}

/// Compares every service of the environment `about` with the same one elsewhere; without `about`, every environment with every other.
pub fn compare(landscape: &Landscape, about: Option<&EnvironmentName>, silent: &Silent) -> Report {
    let services: BTreeSet<&ServiceName> =
        landscape.environments.values().flat_map(|environment| environment.services.keys()).collect();
    let services: Vec<&ServiceName> = services.into_iter().collect();
    // What is asked of one service has nothing to do with the others.
    let found = read_all(&services, |name| one(landscape, name, about, silent));
    let (mut report, mut traits) = (Report::default(), Vec::new());
    for (one, of_one) in found {
        report.extend(one);
        traits.extend(of_one);
    }
    across::look(landscape, &traits, about, silent, &mut report);
    for (name, environment) in &landscape.environments {
        sealed::look(name, environment, &mut report);
    }
    report
}

/// One service, and what it may have in common with others.
fn one<'a>(
    landscape: &'a Landscape,
    name: &'a ServiceName,
    about: Option<&EnvironmentName>,
    silent: &'a Silent,
) -> (Report, Vec<Trait<'a>>) {
    let mut report = Report::default();
    let mut places = Vec::new();
    let mut undeclared = Vec::new();
    for (environment, at) in &landscape.environments {
        let Some(service) = at.services.get(name) else { continue };
        if wanted(about, environment) {
            report.findings.extend(service.faults.iter().cloned());
        }
        match &service.origin {
            Origin::Unseen { why } => {
                report.unknown.push(format!("{name} in {environment}: {why}"));
                let message = format!("`{name}` in {environment} could not be compared: {why}");
                report.findings.push(Finding::note("S0219", format!("{environment}.{name}"), message));
            }
            _ if service.is_seen() => {
                let (leads, words) = (Leads::of(service), Words::of(environment));
                places.push(Seen { environment, at, service, leads, words });
            }
            _ if at.protected && wanted(about, environment) => undeclared.push(environment),
            _ => {}
        }
    }
    let everywhere = Everywhere { name, places, silent };
    let keys = everywhere.keys();
    presence::look(&everywhere, &keys, about, &mut report);
    for key in &keys {
        shapes::look(&everywhere, key, about, &mut report);
        reach::look(&everywhere, key, about, &mut report);
        drift::look(&everywhere, key, about, &mut report);
        encryption::look(&everywhere, key, about, &mut report);
        belonging::look(&everywhere, key, about, &mut report);
    }
    credentials::look(&everywhere, about, &mut report);
    databases::look(&everywhere, &keys, about, &mut report);
    layering::look(&everywhere, about, &mut report);
    layering::undeclared(&everywhere, &undeclared, &mut report);
    let traits = across::traits(&everywhere);
    (report, traits)
}

impl<'a> Everywhere<'a> {
    /// Every key that is set anywhere and not silent.
    fn keys(&self) -> Vec<Key<'a>> {
        let mut keys: BTreeMap<&'a str, Vec<Held<'a>>> = BTreeMap::new();
        for (place, &Seen { environment, at, service, .. }) in self.places.iter().enumerate() {
            for (key, value) in &service.values {
                keys.entry(key).or_default().push(Held { environment, at, value, place });
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

    /// Whether it is in a developer's own environment.
    fn is_of_development(&self, held: &Held<'_>) -> bool {
        self.places[held.place].words.are_of_development()
    }

    /// Whether an environment is a developer's own.
    fn is_development(&self, environment: &EnvironmentName) -> bool {
        self.places.iter().any(|seen| seen.environment == environment && seen.words.are_of_development())
    }

    /// Where a key leads.
    fn lead(&self, held: &Held<'_>, key: &str) -> Option<&Lead> {
        self.places[held.place].leads.get(key)
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
