//! The watch: looks at what protected environments run with, again and again.
//!
//! What runs is what its release was sealed with and what it reads by itself, not what stands in a checkout: a file that somebody
//! pulled to ship it in an hour is no drift. So an environment is compared with the others as they run, too, and with those of which
//! no release was sealed here not at all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sternway_config::landscape::{Environment, Landscape, Origin, Report, Service};
use sternway_config::{
    Content, Provenance, Resolved, SecretText, Site, Value, resolve_reads, running as config_running,
};
use sternway_core::digest::Digest;
use sternway_core::event::Entry;
use sternway_core::finding::{Finding, Place};
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::project::{self, Project};
use sternway_core::state::State;
use sternway_core::time::Millis;
use sternway_core::watch::{self, Against, Look};
use sternway_engine::{Clock as _, EngineError, LogbookJournal};
use sternway_server::Job;
use sternway_store::{Store, Values};

use super::clock::SystemClock;
use super::jobs::Desk;
use super::machine::ThisMachine;
use super::{consistency, processes};
use crate::baseline::{self, Used};
use crate::context::Context;
use crate::failure::Failure;
use crate::remembered::Remembered;

/// The resident watch.
pub(super) struct Watching {
    pub(super) desk: Arc<Desk>,
    pub(super) store: Store,
    /// When each environment was looked at last.
    pub(super) last: BTreeMap<EnvironmentName, Instant>,
    /// The environments that it watched when the project could last be loaded; before that, what the last `ship` said.
    pub(super) watched: Option<Vec<EnvironmentName>>,
    /// Why the project cannot be loaded now.
    pub(super) lost: Option<Loss>,
}

/// A project that cannot be loaded.
pub(super) struct Loss {
    why: String,
    since: Instant,
    said: bool,
}

/// How often an environment is looked at that the project file says nothing of.
pub(crate) const OTHERWISE: Duration = Duration::from_mins(10);

/// For so long it is nothing that the project cannot be loaded: a file that is just being written.
const WHILE_WRITTEN: Duration = Duration::from_secs(3);

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
        let Some(remembered) = Remembered::read(&self.desk.context) else { return Ok(()) };
        let loaded = remembered.load(&self.desk.context).map_err(|lost| lost.to_string());
        let loaded = loaded.and_then(|(context, loaded)| {
            let accepting = Accepting::of(&context, &loaded.project).map_err(|failure| failure.in_a_line())?;
            Ok((context, loaded.project, accepting))
        });
        match loaded {
            Ok((context, project, accepting)) => {
                self.lost = None;
                self.look_at_what_is_due(&context, &project, &accepting, state)
            }
            Err(why) => self.cannot_look(why, &remembered, state),
        }
    }
}

impl Watching {
    fn look_at_what_is_due(
        &mut self,
        context: &Context,
        project: &Project,
        accepting: &Accepting,
        state: &State,
    ) -> Result<(), String> {
        let watched = project.environments.iter().filter(|(_, settings)| settings.watch.is_some());
        self.watched = Some(watched.map(|(name, _)| name.clone()).collect());
        for (environment, settings) in &project.environments {
            // One that is not watched any more is looked at once more, when it was last said that it cannot be.
            let blind = state.environments.get(environment).is_some_and(|place| place.blind.is_some());
            let every = settings.watch.map(Millis::duration).or_else(|| blind.then_some(OTHERWISE));
            let Some(every) = every else { continue };
            let is_due = self.last.get(environment).is_none_or(|last| last.elapsed() >= every);
            if !is_due || serves(state, environment).is_none() {
                continue;
            }
            self.last.insert(environment.clone(), Instant::now());
            let seen = look(context, project, accepting, &self.store, state, environment);
            let state = state.clone();
            record(&self.desk.journal, &Desk::name(), state, environment, &seen).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Says so, once for each cause: in the logbook, and so in `status`, and on the error stream.
    fn cannot_look(&mut self, why: String, remembered: &Remembered, state: &State) -> Result<(), String> {
        let known = self.lost.take().filter(|known| known.why == why);
        let mut lost = known.unwrap_or_else(|| Loss { why, since: Instant::now(), said: false });
        let mut said = Ok(());
        if lost.since.elapsed() >= WHILE_WRITTEN {
            let watched = self.watched.as_ref().unwrap_or(&remembered.watched);
            for environment in watched.iter().filter(|name| serves(state, name).is_some()) {
                let state = state.clone();
                record_blind(&self.desk.journal, &Desk::name(), state, environment, &lost.why)
                    .map_err(|error| error.to_string())?;
            }
            if !std::mem::replace(&mut lost.said, true) {
                said = Err(lost.why.clone());
            }
            // As soon as there is a project again, it is looked at.
            self.last.clear();
        }
        self.lost = Some(lost);
        said
    }
}

/// The findings that the project's baseline accepts.
#[derive(Debug)]
pub(crate) struct Accepting(Option<Used>);

impl Accepting {
    /// As the project file names it; or why it cannot be used.
    pub(crate) fn of(context: &Context, project: &Project) -> Result<Self, Failure> {
        baseline::of_project(context, project).map(Self)
    }

    fn apply(&self, findings: Vec<Finding>, environment: &EnvironmentName) -> Vec<Finding> {
        match &self.0 {
            Some(used) => used.apply(findings, Some(environment)).findings,
            None => findings,
        }
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
    accepting: &Accepting,
    store: &Store,
    state: &State,
    environment: &EnvironmentName,
) -> Look {
    let context = &context.anew();
    let landscape = running(context, project, store, state);
    let mut report = observed(project, &landscape, environment);
    let mut unseen = unseen(&landscape);
    if let Some(release) = serves(state, environment) {
        let processes = processes::look(context, project, environment, release);
        report.extend(config_running::report(&landscape, environment, release, &processes.found));
        unseen.extend(processes.unseen);
    }
    Look {
        against: Against { releases: state.serving(), rules: rules(project, accepting) },
        findings: accepting.apply(report.findings, environment),
        unseen,
    }
}

/// What of it could not be read, and why.
fn unseen(landscape: &Landscape) -> Vec<String> {
    let places = landscape
        .environments
        .iter()
        .flat_map(|(name, place)| place.services.iter().map(move |(service, seen)| (name, service, &seen.origin)));
    let why = places.filter_map(|(name, service, origin)| match origin {
        Origin::Unseen { why } => Some(format!("{service} in {name}: {why}")),
        _ => None,
    });
    why.collect()
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

/// Appends that nothing could be looked at, unless that is known. Decided anew on the newest state, as a look is.
fn record_blind(
    journal: &LogbookJournal,
    by: &str,
    state: State,
    environment: &EnvironmentName,
    why: &str,
) -> Result<(), EngineError> {
    if watch::decide_blind(&state, environment, why, SystemClock.now()).is_empty() {
        return Ok(());
    }
    let decided = journal.append_decided(Some(environment), by, state, |state| {
        let events = watch::decide_blind(state, environment, why, SystemClock.now());
        if events.is_empty() { Err(()) } else { Ok(events) }
    });
    decided.map(|_| ())
}

/// Which findings this program can make: one more when it learns another. What a newer program sees first is no drift.
const JUDGEMENT: u32 = 2;

/// What the project file asks of configuration: when that changes, other findings are no drift. Where things stand in the file is
/// nothing that it asks.
fn rules(project: &Project, accepting: &Accepting) -> Digest {
    let agreements = project.agreements.iter().map(|one| (&one.name, &one.rule, &one.on, &one.environments));
    let services = project.services.iter().map(|(name, service)| (name, &service.connections));
    let environments = project.environments.iter().map(|(name, settings)| {
        let declared = |sources: &BTreeMap<ServiceName, Vec<project::ConfigSource>>| {
            let sources = sources.iter().map(|(name, sources)| (name.clone(), named(sources)));
            sources.collect::<Vec<_>>()
        };
        (name, settings.protected, declared(&settings.reads))
    });
    let all =
        (JUDGEMENT, agreements.collect::<Vec<_>>(), services.collect::<Vec<_>>(), environments.collect::<Vec<_>>());
    match &accepting.0 {
        Some(used) => Digest::of_json(&(all, &used.digest)),
        None => Digest::of_json(&all),
    }
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
        let machine = ThisMachine::of(context, name, state);
        let service = |(service, declared): (&ServiceName, &project::Service)| {
            let seen = match &values {
                Ok(values) => as_it_runs(&machine.site(), settings, service, declared, release, values),
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
    site: &Site<'_>,
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
    let (file, layer) = (Arc::from(Place::sealed(release)), Arc::from("sealed"));
    let value = |(key, text): (&String, &String)| {
        let provenance = Provenance { file: Arc::clone(&file), line: 0, column: 0, layer: Arc::clone(&layer) };
        let content = Content::Known(SecretText::new(text.clone()));
        (key.clone(), Value { content, provenance, overridden: Vec::new() })
    };
    let given = Resolved { values: values.iter().map(value).collect(), warnings: Vec::new() };
    match resolve_reads(site, &given, &reads) {
        Ok(reads) => Service::from_sources(given, reads, declared.connections.clone()),
        Err(findings) => {
            let why = findings.first().map(ToString::to_string).unwrap_or_default();
            Service::without(Origin::Unseen { why })
        }
    }
}
