//! Consistency of the configuration: what every environment is configured to, and what the crate `config` finds in it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sternway_config::agreements;
use sternway_config::compare::{Silent, compare};
use sternway_config::landscape::{Environment, Landscape, Origin, Report, Service};
use sternway_config::register::{self, Books};
use sternway_config::{Resolved, Site, read_all, resolve, resolve_reads};
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::project::{self, Project};
use sternway_core::register::Register;
use sternway_core::state::State;
use sternway_engine::Clock as _;
use sternway_store::Store;

use crate::context::Context;
use crate::failure::Failure;
use crate::wiring::clock::SystemClock;
use crate::wiring::facts::{StandIn, first_error};
use crate::wiring::machine::ThisMachine;

/// Everything that is found about one environment, or about all. Pure.
pub(crate) fn report(project: &Project, landscape: &Landscape, about: Option<&EnvironmentName>) -> Report {
    let silent = Silent::of(&project.agreements);
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

/// What every environment is configured to: from its sources where they can be read, else from what stands in for them.
pub(crate) fn landscape(
    context: &Context,
    project: &Project,
    store: &Store,
    state: &State,
    facts: &[PathBuf],
) -> Result<Landscape, Failure> {
    let stand_in = StandIn::new(context, project, store, state, facts)?;
    let wanted: Vec<(&EnvironmentName, &project::Environment, &ServiceName)> = project
        .environments
        .iter()
        .flat_map(|(name, settings)| project.services.keys().map(move |service| (name, settings, service)))
        .collect();
    let machine = |name| ThisMachine::of(context, name, state);
    let read = read_all(&wanted, |(name, settings, service)| from_sources(&machine(*name).site(), settings, service));
    let mut instead = BTreeMap::new();
    let mut environments: BTreeMap<EnvironmentName, Environment> = BTreeMap::new();
    for ((name, settings, service), read) in wanted.into_iter().zip(read) {
        let Some(declared) = project.services.get(service) else { continue };
        let instead = instead.entry(name).or_insert_with(|| stand_in.of(name, settings));
        let seen = match (instead.typed(service, declared), read) {
            (Some(typed), _) => typed,
            (None, Ok(Some((given, reads)))) => {
                Service::from_sources(given, reads, declared.connections.clone()).with_secrets(declared.secrets())
            }
            (None, Ok(None)) if settings.facts.is_none() => Service::without(Origin::Undeclared),
            (None, Ok(None)) => instead.instead(service, declared, None),
            (None, Err(Unread { why, faults })) => instead.instead(service, declared, Some(why)).with_faults(faults),
        };
        let place = environments.entry(name.clone());
        let place = place.or_insert_with(|| Environment { protected: settings.protected, services: BTreeMap::new() });
        place.services.insert(service.clone(), seen);
    }
    Ok(Landscape { environments })
}

/// Why a service's sources cannot be read: in words, and what its own files say of themselves.
struct Unread {
    why: String,
    faults: Vec<Finding>,
}

/// What a service is given and what it reads; `None` when nothing is declared for it; or why it cannot be read.
fn from_sources(
    site: &Site<'_>,
    settings: &project::Environment,
    service: &ServiceName,
) -> Result<Option<(Resolved, Resolved)>, Unread> {
    let of =
        |sources: &BTreeMap<ServiceName, Vec<project::ConfigSource>>| sources.get(service).cloned().unwrap_or_default();
    let (config, reads) = (of(&settings.config), of(&settings.reads));
    if config.is_empty() && reads.is_empty() {
        return Ok(None);
    }
    // What cannot be given stops a release by itself.
    let unresolved = |findings: Vec<Finding>| Unread { why: first_error(&findings), faults: Vec::new() };
    let given = resolve(site, &config).map_err(unresolved)?;
    let unreadable = |findings: Vec<Finding>| Unread { why: first_error(&findings), faults: findings };
    let reads = resolve_reads(site, &given, &reads).map_err(unreadable)?;
    Ok(Some((given, reads)))
}
