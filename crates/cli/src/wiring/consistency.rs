//! Consistency of the configuration: what every environment is configured to, and what the crate `config` finds in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use sternway_config::agreements;
use sternway_config::compare::{Silent, compare};
use sternway_config::landscape::{Environment, Landscape, Origin, Report, Service};
use sternway_config::register::{self, Books};
use sternway_config::{Content, Provenance, Resolved, SecretText, Site, Value, resolve, resolve_reads};
use sternway_core::finding::{Finding, Place};
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::project::{self, Project, Rule};
use sternway_core::register::Register;
use sternway_core::state::State;
use sternway_engine::Clock as _;
use sternway_store::{Store, Values};

use crate::context::Context;
use crate::wiring::clock::SystemClock;
use crate::wiring::machine::ThisMachine;

/// Everything that is found about one environment, or about all. Pure.
pub(crate) fn report(project: &Project, landscape: &Landscape, about: Option<&EnvironmentName>) -> Report {
    let mut silent = Silent::default();
    for agreement in &project.agreements {
        if let Rule::MayDiffer(values) = &agreement.rule {
            for value in values {
                silent.add(value.service.as_ref(), &value.key);
            }
        }
    }
    let mut report = compare(landscape, about, &silent);
    report.extend(agreements::check(landscape, &project.agreements, about));
    report.findings.sort_by(|one, other| (&other.severity, &one.subject).cmp(&(&one.severity, &other.subject)));
    report
}

/// The report with the register's word on the values that only a protected environment has.
pub(crate) fn settled(mut report: Report, landscape: &Landscape, store: &Store, state: &State) -> Report {
    let nothing = Register::new();
    for name in landscape.environments.keys() {
        let place = state.environments.get(name);
        let current = place.and_then(|place| place.current.as_ref());
        let served =
            current.and_then(|current| store.content(&current.release.digest).ok()).map(|content| content.config);
        let register = place.map_or(&nothing, |place| &place.register);
        register::settle(&mut report, landscape, name, Books { register, served: served.as_ref() }, SystemClock.now());
    }
    report
}

/// What every environment is configured to: from its sources where they can be read, else from what its last release was sealed with.
pub(crate) fn landscape(context: &Context, project: &Project, store: &Store, state: &State) -> Landscape {
    let environments = project.environments.iter().map(|(name, settings)| {
        let mut sealed = None;
        let machine = ThisMachine::of(context, name, state);
        let services = project.services.iter().map(|(service, declared)| {
            let seen = match from_sources(&machine.site(), settings, service) {
                Ok(Some((given, reads))) => Service::from_sources(given, reads, declared.connections.clone()),
                Ok(None) => Service::without(Origin::Undeclared),
                Err(why) => {
                    let sealed = sealed.get_or_insert_with(|| last_sealed(store, state, name));
                    from_sealed(sealed.as_ref(), service, why, &declared.connections)
                }
            };
            (service.clone(), seen)
        });
        (name.clone(), Environment { protected: settings.protected, services: services.collect() })
    });
    Landscape { environments: environments.collect() }
}

/// What a service is given and what it reads; `None` when nothing is declared for it; or why it cannot be read.
fn from_sources(
    site: &Site<'_>,
    settings: &project::Environment,
    service: &ServiceName,
) -> Result<Option<(Resolved, Resolved)>, String> {
    let of =
        |sources: &BTreeMap<ServiceName, Vec<project::ConfigSource>>| sources.get(service).cloned().unwrap_or_default();
    let (config, reads) = (of(&settings.config), of(&settings.reads));
    if config.is_empty() && reads.is_empty() {
        return Ok(None);
    }
    let first = |findings: Vec<Finding>| {
        let error = findings.into_iter().find(|finding| finding.severity == sternway_core::finding::Severity::Error);
        error.map_or_else(String::new, |finding| {
            let place = finding.places.first().map(|place| format!(" ({place})")).unwrap_or_default();
            format!("{}: {}{place}", finding.subject, finding.message)
        })
    };
    let given = resolve(site, &config).map_err(first)?;
    let reads = resolve_reads(site, &given, &reads).map_err(first)?;
    Ok(Some((given, reads)))
}

/// What the release that serves was sealed with.
fn last_sealed(
    store: &Store,
    state: &State,
    environment: &EnvironmentName,
) -> Option<(sternway_core::ids::ReleaseNumber, Values)> {
    let current = state.environments.get(environment)?.current.as_ref()?;
    let values = store.values(&current.release.digest).ok()?;
    Some((current.release.number, values))
}

fn from_sealed(
    sealed: Option<&(sternway_core::ids::ReleaseNumber, Values)>,
    service: &ServiceName,
    why: String,
    dialects: &BTreeMap<String, String>,
) -> Service {
    let Some((release, values)) = sealed.and_then(|(release, values)| Some((*release, values.get(service)?))) else {
        return Service::without(Origin::Unseen { why });
    };
    let (file, layer) = (Arc::from(Place::sealed(release)), Arc::from("sealed"));
    let value = |(key, text): (&String, &String)| {
        let provenance = Provenance { file: Arc::clone(&file), line: 0, column: 0, layer: Arc::clone(&layer) };
        let content = Content::Known(SecretText::new(text.clone()));
        (key.clone(), Value { content, provenance, overridden: Vec::new() })
    };
    let given = values.keys().cloned().collect();
    let values = values.iter().map(value).collect();
    Service { values, given, origin: Origin::Sealed { release, why }, dialects: dialects.clone() }
}
