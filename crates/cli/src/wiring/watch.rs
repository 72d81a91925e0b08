//! The watch: looks at what protected environments run with, again and again.
//!
//! What runs is what its release was sealed with and what it reads by itself, not what stands in a checkout: a file that somebody
//! pulled to ship it in an hour is no drift. So an environment is compared with the others as they run, too, and with those of which
//! no release was sealed here not at all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sternway_config::landscape::{Environment, Landscape, Origin, Report, Service};
use sternway_config::{Content, Provenance, Resolved, SecretText, Value, resolve_reads};
use sternway_core::digest::Digest;
use sternway_core::event::Entry;
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::project::{self, Project};
use sternway_core::state::State;
use sternway_core::watch::{self, Against, Look};
use sternway_engine::{Clock as _, EngineError, LogbookJournal};
use sternway_server::Job;
use sternway_store::{Store, Values};

use super::clock::SystemClock;
use super::consistency;
use super::jobs::Desk;
use crate::context::Context;

/// The resident watch.
pub(super) struct Watching {
    pub(super) desk: Arc<Desk>,
    pub(super) store: Store,
    /// When each environment was looked at last.
    pub(super) last: BTreeMap<EnvironmentName, Instant>,
}

impl Job for Watching {
    fn name(&self) -> &'static str {
        "watch"
    }

    /// How often it is asked whose turn it is.
    fn every(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn run(&mut self, state: &State) -> Result<(), String> {
        // `serve` runs in no folder of its own: where the project is, the last `ship` said.
        let Some(context) = self.desk.context.of_last_ship() else { return Ok(()) };
        let Ok(loaded) = context.load() else { return Ok(()) };
        for (environment, settings) in &loaded.project.environments {
            let Some(every) = settings.watch else { continue };
            let is_due = self.last.get(environment).is_none_or(|last| last.elapsed() >= every.duration());
            if !is_due || serves(state, environment).is_none() {
                continue;
            }
            self.last.insert(environment.clone(), Instant::now());
            let seen = look(&context, &loaded.project, &self.store, state, environment);
            let state = state.clone();
            record(&self.desk.journal, &Desk::name(), state, environment, &seen).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// The release that serves, if it was sealed.
pub(crate) fn serves(state: &State, environment: &EnvironmentName) -> Option<ReleaseNumber> {
    let current = state.environments.get(environment)?.current.as_ref()?;
    Some(current.release.number).filter(|number| number.0 > 0)
}

/// Looks once.
pub(crate) fn look(
    context: &Context,
    project: &Project,
    store: &Store,
    state: &State,
    environment: &EnvironmentName,
) -> Look {
    let landscape = running(context, project, store, state);
    let report = observed(project, &landscape, environment);
    let unseen =
        |place: &Environment| place.services.values().any(|service| matches!(service.origin, Origin::Unseen { .. }));
    Look {
        against: Against { releases: state.serving(), rules: rules(project) },
        complete: !landscape.environments.values().any(unseen),
        findings: report.findings,
    }
}

/// Everything that a watch looks at. What else can be observed of a running environment, such as a live proof, adds its report here;
/// its findings then open incidents, last and end as all others do.
fn observed(project: &Project, landscape: &Landscape, environment: &EnvironmentName) -> Report {
    consistency::report(project, landscape, Some(environment))
}

/// Appends what follows from a look: nothing when it saw what was known. Decided anew on the newest state, so that of two who look
/// at once one opens the incident.
pub(crate) fn record(
    journal: &LogbookJournal,
    by: &str,
    state: State,
    environment: &EnvironmentName,
    look: &Look,
) -> Result<(State, Vec<Entry>), EngineError> {
    let decided = journal.append_decided(Some(environment), by, state, |state| {
        let events = watch::decide(state, environment, look, SystemClock.now());
        if events.is_empty() { Err(()) } else { Ok(events) }
    });
    decided.map(|(state, entries)| (state, entries.unwrap_or_default()))
}

/// What the project file asks of configuration: when that changes, other findings are no drift. Where things stand in the file is
/// nothing that it asks.
fn rules(project: &Project) -> Digest {
    let agreements = project.agreements.iter().map(|one| (&one.name, &one.rule, &one.on, &one.environments));
    let services = project.services.iter().map(|(name, service)| (name, &service.connections));
    let environments = project.environments.iter().map(|(name, settings)| {
        let declared = |sources: &BTreeMap<ServiceName, Vec<project::ConfigSource>>| {
            let sources = sources.iter().map(|(name, sources)| (name.clone(), named(sources)));
            sources.collect::<Vec<_>>()
        };
        (name, settings.protected, declared(&settings.reads))
    });
    let all = (agreements.collect::<Vec<_>>(), services.collect::<Vec<_>>(), environments.collect::<Vec<_>>());
    Digest::of_json(&all)
}

fn named(sources: &[project::ConfigSource]) -> Vec<String> {
    let one = |source: &project::ConfigSource| match source {
        project::ConfigSource::File { kind, path, part, .. } => {
            format!("{kind}:{path}#{}", part.as_deref().unwrap_or_default())
        }
        project::ConfigSource::Inline { .. } => "inline".to_owned(),
    };
    sources.iter().map(one).collect()
}

/// What every environment in which a release serves runs with.
fn running(context: &Context, project: &Project, store: &Store, state: &State) -> Landscape {
    let environments = project.environments.iter().filter_map(|(name, settings)| {
        let release = serves(state, name)?;
        let digest = &state.environments.get(name)?.current.as_ref()?.release.digest;
        let values = store.values(digest);
        let service = |(service, declared): (&ServiceName, &project::Service)| {
            let seen = match &values {
                Ok(values) => as_it_runs(context, settings, service, declared, release, values),
                Err(error) => Service::without(Origin::Unseen { why: error.to_string() }),
            };
            (service.clone(), seen)
        };
        let services = project.services.iter().map(service).collect();
        Some((name.clone(), Environment { protected: settings.protected, services }))
    });
    Landscape { environments: environments.collect() }
}

/// What it was sealed with, and what it reads by itself today.
fn as_it_runs(
    context: &Context,
    settings: &project::Environment,
    service: &ServiceName,
    declared: &project::Service,
    release: ReleaseNumber,
    values: &Values,
) -> Service {
    let reads = settings.reads.get(service).cloned().unwrap_or_default();
    let Some(values) = values.get(service) else { return Service::without(Origin::Undeclared) };
    if values.is_empty() && reads.is_empty() {
        return Service::without(Origin::Undeclared);
    }
    let (file, layer) = (Arc::from(format!("release {release}")), Arc::from("sealed"));
    let value = |(key, text): (&String, &String)| {
        let provenance = Provenance { file: Arc::clone(&file), line: 0, column: 0, layer: Arc::clone(&layer) };
        let content = Content::Known(SecretText::new(text.clone()));
        (key.clone(), Value { content, provenance, overridden: Vec::new() })
    };
    let given = Resolved { values: values.iter().map(value).collect(), warnings: Vec::new() };
    match resolve_reads(&context.project_dir, &given, &reads) {
        Ok(reads) => Service::from_sources(given, reads, declared.connections.clone()),
        Err(findings) => {
            let why = findings.first().map(ToString::to_string).unwrap_or_default();
            Service::without(Origin::Unseen { why })
        }
    }
}
