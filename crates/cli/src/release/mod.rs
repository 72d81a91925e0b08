//! From folders and configuration to a sealed release.

mod build;
mod code;
mod missing;
mod shared;

use std::collections::BTreeMap;
use std::path::PathBuf;

use sternway_config::facts::Facts;
use sternway_config::landscape::Report;
use sternway_config::{FingerprintKey, Resolved, resolve};
use sternway_core::digest::Digest;
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::project::Environment;
use sternway_core::release::{ReleaseContent, ReleaseRecord};
use sternway_core::state::State;
use sternway_store::{Store, StoreError, Values};

pub(crate) use code::{Code, folders};
pub(crate) use missing::not_there;
pub(crate) use shared::misnamed;

use crate::context::{Context, Loaded};
use crate::failure::{Exit, Failure};
use crate::wiring::machine::ThisMachine;
use crate::wiring::{code_reads, consistency, facts};

/// A release that is in the store, sealed.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    /// What it is made of.
    pub(crate) content: ReleaseContent,
    /// Where it came from.
    pub(crate) origin: String,
    /// What configuration and project file say of themselves.
    pub(crate) findings: Vec<Finding>,
    /// What was compared with other environments, and what could not be.
    pub(crate) consistency: Report,
}

impl Prepared {
    /// Its record: the one that the logbook has, or a new one with the next number.
    pub(crate) fn record(&self, state: &State) -> (ReleaseRecord, bool) {
        let digest = self.content.digest();
        if let Some(known) = state.release_by_digest(&self.content.environment, &digest)
            && !known.removed
        {
            return (known.record.clone(), true);
        }
        let record = ReleaseRecord {
            number: state.next_release(),
            digest,
            environment: self.content.environment.clone(),
            code: self.content.code_digest(),
            config: self.content.config_digest(),
            services: self.content.services.iter().map(|(name, spec)| (name.clone(), spec.kind)).collect(),
            adopted: None,
            origin: self.origin.clone(),
        };
        (record, false)
    }
}

/// Takes the code in, resolves the configuration, and seals both.
pub(crate) fn prepare(
    context: &Context,
    loaded: &Loaded,
    store: &Store,
    state: &State,
    environment: (&EnvironmentName, &Environment),
    code: &Code,
    told: &[PathBuf],
) -> Result<Prepared, Failure> {
    let (name, settings) = environment;
    let Configured { config, values, warnings: mut findings, given } =
        configuration(context, loaded, state, environment)?;
    let key = fingerprint_key(context)?;
    let from_folders = matches!(code, Code::Folders);
    let (trees, origin) = code::take_in(context, loaded, store, state, code)?;
    let content = ReleaseContent {
        format: 1,
        environment: name.clone(),
        services: loaded.project.services.iter().map(|(name, service)| (name.clone(), service.spec.clone())).collect(),
        code: trees,
        config,
        routes: settings.traffic.routes.clone(),
    };
    let facts = facts::to_seal(context, &loaded.project, state, environment, &given, &key);
    seal(store, &content, &values, &facts).map_err(|error| store_failure("the release cannot be sealed", &error))?;
    findings.extend(loaded.warnings.iter().cloned());
    findings.extend(misnamed(context, loaded));
    if from_folders {
        findings.extend(not_there(&context.project_dir, &loaded.project));
    }
    let landscape = consistency::landscape(context, &loaded.project, store, state, told)?;
    let consistency = consistency::report(&loaded.project, &landscape, Some(name));
    let mut consistency = consistency::settled(consistency, &landscape, store, state);
    let lying = code::Lying::of(context, loaded, store, &content, from_folders)?;
    let code = code_reads::Code::read(&lying.folders, &context.state);
    consistency.extend(code.against(&loaded.project, &landscape, name));
    findings.extend(consistency.findings.iter().cloned());
    Ok(Prepared { content, origin, findings, consistency })
}

/// Seals a release with its facts; with those that it has when not everything could be read for new ones.
fn seal(store: &Store, content: &ReleaseContent, values: &Values, facts: &Facts) -> Result<Digest, StoreError> {
    let complete = facts.services.values().all(|service| service.unseen.is_none());
    let has_some = || store.facts(&content.digest()).is_ok_and(|facts| facts.is_some());
    match serde_json::to_value(facts) {
        Ok(facts) if complete || !has_some() => store.seal_with_facts(content, values, &facts),
        _ => store.seal(content, values),
    }
}

/// The effective configuration of every service.
pub(crate) struct Configured {
    /// Keyed fingerprints, for the content.
    pub(crate) config: BTreeMap<ServiceName, BTreeMap<String, String>>,
    /// Values, for the 0600 file.
    pub(crate) values: Values,
    /// Where each comes from.
    pub(crate) given: BTreeMap<ServiceName, Resolved>,
    /// What does not stand in the way.
    pub(crate) warnings: Vec<Finding>,
}

/// The key of the project's fingerprints, made when there is none.
pub(crate) fn fingerprint_key(context: &Context) -> Result<FingerprintKey, Failure> {
    FingerprintKey::load_or_create(&context.fingerprint_key()).map_err(|error| {
        Failure::usage("S0207", "the key for fingerprints cannot be used").next(error.hint()).cause(&error)
    })
}

/// The effective configuration of every service: keyed fingerprints for the content, values for the 0600 file.
pub(crate) fn configuration(
    context: &Context,
    loaded: &Loaded,
    state: &State,
    (name, settings): (&EnvironmentName, &Environment),
) -> Result<Configured, Failure> {
    let machine = ThisMachine::of(context, name, state);
    let key = fingerprint_key(context)?;
    let (mut config, mut values, mut given) = (BTreeMap::new(), Values::new(), BTreeMap::new());
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for service in loaded.project.services.keys() {
        let sources = settings.config.get(service).map(Vec::as_slice).unwrap_or_default();
        match resolve(&machine.site(), sources) {
            Ok(resolved) => {
                let plain = resolved.reveal();
                let prints = plain.iter().map(|(name, value)| (name.clone(), key.of(name, value)));
                config.insert(service.clone(), prints.collect());
                values.insert(service.clone(), plain);
                warnings.extend(resolved.warnings.iter().cloned());
                given.insert(service.clone(), resolved);
            }
            Err(findings) => errors.extend(findings),
        }
    }
    if errors.is_empty() {
        return Ok(Configured { config, values, given, warnings });
    }
    Err(Failure::new(Exit::Usage, "S0200", "the configuration cannot be resolved")
        .findings(errors)
        .production("unchanged; nothing was begun"))
}

/// The content of a release in the store, for the planner.
pub(crate) fn content_of(store: &Store, record: &ReleaseRecord) -> Option<ReleaseContent> {
    store.content(&record.digest).ok()
}

/// A store's failure with its hint.
pub(crate) fn store_failure(what: &str, error: &StoreError) -> Failure {
    Failure::usage("S0407", what).cause(error).production("unchanged; nothing was begun").next(error.hint())
}

/// Parses a release's number as typed.
pub(crate) fn record_of(state: &State, number: ReleaseNumber) -> Result<&ReleaseRecord, Failure> {
    match state.releases.get(&number) {
        Some(release) if release.removed => {
            Err(Failure::usage("S0904", format!("release {number} was removed from the store"))
                .because("only releases that can be a way back are kept; see `keep` in sternway.toml")
                .next("sternway status shows which releases there are"))
        }
        Some(release) => Ok(&release.record),
        None => Err(Failure::usage("S0904", format!("there is no release {number}"))
            .next("sternway status shows which releases there are")),
    }
}
