//! Where the code of a release comes from.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use sternway_core::digest::Digest;
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::state::State;
use sternway_store::Store;

use super::{build, content_of, record_of, store_failure};
use crate::context::{Context, Loaded};
use crate::failure::Failure;

/// Where the code comes from.
#[derive(Debug, Clone)]
pub(crate) enum Code {
    /// The services' folders.
    Folders,
    /// A release that was sealed before.
    Release(ReleaseNumber),
    /// What serves in another environment.
    ServingIn(EnvironmentName),
}

/// The tree of each service, in the store, and words for where it came from.
pub(super) fn take_in(
    context: &Context,
    loaded: &Loaded,
    store: &Store,
    state: &State,
    code: &Code,
) -> Result<(BTreeMap<ServiceName, Digest>, String), Failure> {
    match code {
        Code::Folders => from_folders(context, loaded, store),
        Code::Release(number) => from_release(loaded, store, state, *number, String::new()),
        Code::ServingIn(environment) => {
            let Some(current) = state.environment(environment).current else {
                return Err(Failure::usage("S0903", format!("nothing serves in {environment}"))
                    .next(format!("sternway status {environment}")));
            };
            from_release(loaded, store, state, current.release.number, format!("{environment} "))
        }
    }
}

fn from_folders(
    context: &Context,
    loaded: &Loaded,
    store: &Store,
) -> Result<(BTreeMap<ServiceName, Digest>, String), Failure> {
    let mut trees = BTreeMap::new();
    for (name, service) in &loaded.project.services {
        let folder = context.project_dir.join(&service.path);
        if !folder.is_dir() {
            let what = format!("the folder of service `{name}`, {}, is not there", folder.display());
            return Err(Failure::usage("S0407", what)
                .because(format!("{} names it", service.place))
                .next("correct `path` in sternway.toml"));
        }
        let imported = store
            .import(&folder, &service.exclude, &service.spec.shared)
            .map_err(|error| store_failure(&format!("service `{name}` cannot be taken into the store"), &error))?;
        let tree = match &service.build {
            None => imported.digest,
            Some(command) => build::build(context, store, name, service, command, &imported.digest)?,
        };
        trees.insert(name.clone(), tree);
    }
    Ok((trees, commit_of(&context.project_dir)))
}

fn from_release(
    loaded: &Loaded,
    store: &Store,
    state: &State,
    number: ReleaseNumber,
    whose: String,
) -> Result<(BTreeMap<ServiceName, Digest>, String), Failure> {
    let record = record_of(state, number)?;
    let content = content_of(store, record).ok_or_else(|| {
        Failure::usage("S0401", format!("the content of release {number} is not intact"))
            .next("ship from the folders instead")
    })?;
    let missing: Vec<&str> = loaded
        .project
        .services
        .keys()
        .filter(|name| !content.code.contains_key(*name))
        .map(ServiceName::as_str)
        .collect();
    if !missing.is_empty() {
        return Err(Failure::usage(
            "S0407",
            format!("release {number} has no code for service {}", missing.join(", ")),
        )
        .next("ship from the folders instead"));
    }
    let code = content.code.into_iter().filter(|(name, _)| loaded.project.services.contains_key(name)).collect();
    let origin = if record.origin.is_empty() { String::new() } else { format!(" ({})", record.origin) };
    Ok((code, format!("code of {whose}release {number}{origin}")))
}

/// The commit of a git checkout, with a mark when files differ from it; empty elsewhere. Only words for people.
fn commit_of(dir: &Path) -> String {
    let git = |args: &[&str]| {
        let output = Command::new("git").arg("-C").arg(dir).args(args).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else { return String::new() };
    let dirty = git(&["status", "--porcelain", "--", "."]).is_none_or(|text| !text.is_empty());
    format!("commit {commit}{}", if dirty { " and changes" } else { "" })
}
