//! Facts of configuration: made when a release is sealed, read where sources cannot be.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sternway_config::facts::file::{FactsError, FactsFile};
use sternway_config::facts::{Facts, Keys, READING};
use sternway_config::landscape::{Landscape, Origin, Service};
use sternway_config::{Content, FingerprintKey, Provenance, Resolved, SecretText, Value, resolve_reads};
use sternway_core::finding::{Finding, Place, Severity};
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::project::{self, Project};
use sternway_core::state::State;
use sternway_store::{Store, Values};

use crate::context::Context;
use crate::failure::Failure;
use crate::wiring::machine::ThisMachine;

/// Where somebody says which fingerprint key facts of other machines were made with.
pub(crate) const KEY_FILE: &str = "STERNWAY_FINGERPRINT_KEY_FILE";

/// The keys at hand: this state folder's, and the one that the environment names.
pub(crate) fn keys(context: &Context) -> Result<Keys, Failure> {
    let own = context.fingerprint_key();
    let own = own.exists().then(|| FingerprintKey::read(&own)).transpose();
    let named = std::env::var_os(KEY_FILE).filter(|path| !path.is_empty()).map(PathBuf::from);
    let named = named.map(|path| FingerprintKey::read(&path)).transpose();
    let unusable = |error: sternway_config::fingerprint::KeyError| {
        Failure::usage("S0207", "the key for fingerprints cannot be used").next(error.hint()).cause(&error)
    };
    Ok(Keys::of(own.map_err(unusable)?.into_iter().chain(named.map_err(unusable)?)))
}

/// The facts that a release is sealed with: of what each service is given, as it is sealed, and of what it reads by itself now.
pub(crate) fn to_seal(
    context: &Context,
    project: &Project,
    state: &State,
    (name, settings): (&EnvironmentName, &project::Environment),
    given: &BTreeMap<ServiceName, Resolved>,
    key: &FingerprintKey,
) -> Facts {
    let machine = ThisMachine::of(context, name, state);
    let nothing = Resolved::default();
    let services: BTreeMap<&ServiceName, Service> = project
        .services
        .iter()
        .map(|(name, declared)| {
            let given = given.get(name).unwrap_or(&nothing).clone();
            let reads = settings.reads.get(name).map(Vec::as_slice).unwrap_or_default();
            let (reads, unseen) = match resolve_reads(&machine.site(), &given, reads) {
                Ok(reads) => (reads, None),
                Err(findings) => (Resolved::default(), Some(first_error(&findings))),
            };
            let service = Service::from_sources(given, reads, declared.connections.clone()).with_unseen(unseen);
            (name, service.with_secrets(declared.secrets()))
        })
        .collect();
    Facts::of(services.iter().map(|(name, service)| (*name, service)), key)
}

/// What stands in the way of reading sources, in one line.
pub(crate) fn first_error(findings: &[Finding]) -> String {
    let error = findings.iter().find(|finding| finding.severity == Severity::Error);
    error.map_or_else(String::new, |finding| {
        let place = finding.places.first().map(|place| format!(" ({place})")).unwrap_or_default();
        format!("{}: {}{place}", finding.subject, finding.message)
    })
}

/// Everything that can stand in for sources.
pub(crate) struct StandIn<'a> {
    context: &'a Context,
    project: &'a Project,
    store: &'a Store,
    state: &'a State,
    keys: Keys,
    /// By `--facts`: they count before everything else.
    typed: BTreeMap<EnvironmentName, (String, FactsFile)>,
}

/// What stands in for the sources of one environment. Each is read only when it is asked for.
pub(crate) struct OfOne<'a> {
    all: &'a StandIn<'a>,
    name: &'a EnvironmentName,
    settings: &'a project::Environment,
    sealed: OnceCell<Option<Sealed>>,
    named: OnceCell<Option<Result<(String, FactsFile), String>>>,
}

/// What the release that serves was sealed with.
struct Sealed {
    release: ReleaseNumber,
    facts: Option<Facts>,
    /// Where there are no facts, or none that can be used.
    values: Option<Values>,
}

impl<'a> StandIn<'a> {
    /// With these files of facts, as they were typed. One that cannot be used is an error.
    pub(crate) fn new(
        context: &'a Context,
        project: &'a Project,
        store: &'a Store,
        state: &'a State,
        typed: &[PathBuf],
    ) -> Result<Self, Failure> {
        let mut by_name = BTreeMap::new();
        for path in typed {
            let file = read(path).map_err(|why| unusable(path, &why))?;
            let environment = file.environment.clone();
            if !project.environments.contains_key(&environment) {
                let why = format!("it is of {environment}, which sternway.toml does not have");
                return Err(unusable(path, &why));
            }
            let file = file.about(&project.name, &environment).map_err(|error| unusable(path, &error.to_string()))?;
            // Places are relative to the project, and what is typed is relative to who types it.
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            by_name.insert(environment, (path.display().to_string(), file));
        }
        Ok(Self { context, project, store, state, keys: keys(context)?, typed: by_name })
    }

    /// What stands in for the sources of this environment.
    pub(crate) fn of(&'a self, name: &'a EnvironmentName, settings: &'a project::Environment) -> OfOne<'a> {
        OfOne { all: self, name, settings, sealed: OnceCell::new(), named: OnceCell::new() }
    }

    fn named(
        &self,
        name: &EnvironmentName,
        settings: &project::Environment,
    ) -> Option<Result<(String, FactsFile), String>> {
        let shown = settings.facts.clone()?;
        let file = read(&self.context.project_dir.join(&shown));
        let file = file.and_then(|file| file.about(&self.project.name, name).map_err(|error| error.to_string()));
        Some(file.map(|file| (shown.clone(), file)).map_err(|why| format!("{shown} cannot be used: {why}")))
    }

    fn sealed(&self, environment: &EnvironmentName) -> Option<Sealed> {
        let current = self.state.environments.get(environment)?.current.as_ref()?;
        let digest = &current.release.digest;
        let facts = self.store.facts(digest).ok().flatten();
        let facts: Option<Facts> = facts.and_then(|facts| serde_json::from_value(facts).ok());
        // By other rules, or under a key that is gone, less can be told than by the values.
        let facts = facts.filter(|facts| facts.reading == READING && self.keys.open(facts));
        let values = if facts.is_none() { self.store.values(digest).ok() } else { None };
        (facts.is_some() || values.is_some()).then_some(Sealed { release: current.release.number, facts, values })
    }
}

impl OfOne<'_> {
    /// A service by the facts that were typed for it.
    pub(crate) fn typed(&self, service: &ServiceName, declared: &project::Service) -> Option<Service> {
        let (shown, file) = self.all.typed.get(self.name)?;
        self.by_file(shown, file, service, declared, "--facts names them".to_owned())
    }

    /// A service whose sources cannot be read, or of which none is declared (`why` is `None`): by what was sealed of it here, else by the file
    /// that sternway.toml names.
    pub(crate) fn instead(&self, service: &ServiceName, declared: &project::Service, why: Option<String>) -> Service {
        let sealed = || self.by_release(service, declared, why.clone()?);
        let named = || {
            let (shown, file) = self.named()?.as_ref().ok()?;
            let why = why.clone().unwrap_or_else(|| "no source is declared for it".to_owned());
            self.by_file(shown, file, service, declared, why)
        };
        sealed().or_else(named).unwrap_or_else(|| {
            let also = self.named().and_then(|named| named.as_ref().err()).cloned();
            let whys: Vec<String> = why.clone().into_iter().chain(also).collect();
            let origin = if whys.is_empty() { Origin::Undeclared } else { Origin::Unseen { why: whys.join("; ") } };
            Service::without(origin)
        })
    }

    fn named(&self) -> Option<&Result<(String, FactsFile), String>> {
        self.named.get_or_init(|| self.all.named(self.name, self.settings)).as_ref()
    }

    fn by_file(
        &self,
        shown: &str,
        file: &FactsFile,
        service: &ServiceName,
        declared: &project::Service,
        why: String,
    ) -> Option<Service> {
        let from = Provenance { file: shown.into(), line: 0, column: 0, layer: "facts".into() };
        let origin = Origin::Facts { file: shown.to_owned(), release: file.release, why };
        let found = file.facts.service(service, &self.all.keys, &from, origin, declared.connections.clone())?;
        Some(found.with_secrets(declared.secrets()))
    }

    fn by_release(&self, service: &ServiceName, declared: &project::Service, why: String) -> Option<Service> {
        let Sealed { release, facts, values } = self.sealed.get_or_init(|| self.all.sealed(self.name)).as_ref()?;
        let origin = Origin::Sealed { release: *release, why };
        let from = Provenance { file: Place::sealed(*release).into(), line: 0, column: 0, layer: "sealed".into() };
        let found = match (facts, values) {
            (Some(facts), _) => facts.service(service, &self.all.keys, &from, origin, declared.connections.clone())?,
            (None, Some(values)) => {
                let given = resolved(values.get(service)?.clone(), &from);
                let reads = self.settings.reads.get(service).is_some_and(|reads| !reads.is_empty());
                let unseen = reads.then(|| format!("what it reads by itself was not sealed with release {release}"));
                let found = Service::from_sources(given, Resolved::default(), declared.connections.clone());
                found.known_by(origin).with_unseen(unseen)
            }
            (None, None) => return None,
        };
        Some(found.with_secrets(declared.secrets()))
    }
}

/// Whether an environment is known although its sources cannot be read: none of its services is unseen, and for at least one something
/// stands in.
pub(crate) fn stands_in(landscape: &Landscape, environment: &EnvironmentName, by: fn(&Origin) -> bool) -> bool {
    let Some(place) = landscape.environments.get(environment) else { return false };
    let unseen = |service: &Service| matches!(service.origin, Origin::Unseen { .. });
    place.services.values().any(|service| by(&service.origin)) && !place.services.values().any(unseen)
}

/// The facts of the release that serves in an environment, as they were sealed, or made of its values.
pub(crate) fn of_release(
    project: &Project,
    store: &Store,
    digest: &sternway_core::digest::Digest,
    key: &FingerprintKey,
) -> Result<Facts, sternway_store::StoreError> {
    let sealed = store.facts(digest).ok().flatten().and_then(|facts| serde_json::from_value::<Facts>(facts).ok());
    if let Some(facts) = sealed.filter(|facts| facts.reading == READING) {
        return Ok(facts);
    }
    let from = Provenance { file: "".into(), line: 0, column: 0, layer: "sealed".into() };
    let services: BTreeMap<ServiceName, Service> = store
        .values(digest)?
        .into_iter()
        .map(|(name, values)| {
            let given = resolved(values, &from);
            let declared = project.services.get(&name);
            let clients = declared.map(|declared| declared.connections.clone()).unwrap_or_default();
            let secrets = declared.map(project::Service::secrets).unwrap_or_default();
            let service = Service::from_sources(given, Resolved::default(), clients).with_secrets(secrets);
            let unseen = Some("what it reads by itself was not sealed with its release".to_owned());
            (name, service.with_unseen(unseen))
        })
        .collect();
    Ok(Facts::of(&services, key))
}

/// Values as they were sealed.
fn resolved(values: BTreeMap<String, String>, from: &Provenance) -> Resolved {
    let value = |(key, text): (String, String)| {
        let content = Content::Known(SecretText::new(text));
        (key, Value { content, provenance: from.clone(), overridden: Vec::new() })
    };
    Resolved { values: values.into_iter().map(value).collect(), warnings: Vec::new() }
}

fn read(path: &Path) -> Result<FactsFile, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    FactsFile::parse(&bytes).map_err(|error: FactsError| error.to_string())
}

fn unusable(path: &Path, why: &str) -> Failure {
    Failure::usage("S0283", format!("the facts in {} cannot be used", path.display()))
        .because(why.to_owned())
        .next("make them anew, where the configuration is: sternway facts export ENV --out FILE")
}
