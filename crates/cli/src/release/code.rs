//! Where the code of a release comes from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use sternway_core::digest::Digest;
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::project::{ConfigSource, Lies, source_kind};
use sternway_core::release::ReleaseContent;
use sternway_core::state::State;
use sternway_store::{Store, TempFolder};

use super::{build, content_of, record_of, store_failure};
use crate::context::{Context, Loaded};
use crate::failure::Failure;
use crate::wiring::code_reads::Folders;

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
                .because(format!("{} names it", crate::render::places::shown(&service.place)))
                .next("correct `path` in sternway.toml"));
        }
        let excludes = [service.exclude.clone(), not_code(context, loaded, &service.path)].concat();
        let imported = store
            .import(&folder, &excludes, &service.spec.shared)
            .map_err(|error| store_failure(&format!("service `{name}` cannot be taken into the store"), &error))?;
        let tree = match &service.build {
            None => imported.digest,
            Some(command) => build::build(store, name, service, &excludes, command, &imported.digest)?,
        };
        trees.insert(name.clone(), tree);
    }
    Ok((trees, commit_of(&context.project_dir)))
}

/// Where the code of a release can be read.
pub(super) struct Lying {
    /// By service: its folder, and what stands before a path in it for a person.
    pub(super) folders: Folders,
    /// Kept until it was read.
    _unpacked: Option<TempFolder>,
}

impl Lying {
    /// The folders of the project; or, for code that comes from an earlier release, what the store has of it, unpacked.
    pub(super) fn of(
        context: &Context,
        loaded: &Loaded,
        store: &Store,
        content: &ReleaseContent,
        from_folders: bool,
    ) -> Result<Self, Failure> {
        if from_folders {
            return Ok(Self { folders: folders(context, loaded), _unpacked: None });
        }
        let mut folders = Folders::new();
        let failed = |error| store_failure("the release's code cannot be read", &error);
        let unpacked = store.temporary_folder().map_err(failed)?;
        for (name, tree) in &content.code {
            let folder = unpacked.path().join(name.as_str());
            store.unpack(tree, &folder).map_err(failed)?;
            folders.insert(name.clone(), (folder, format!("{name}/")));
        }
        Ok(Self { folders, _unpacked: Some(unpacked) })
    }
}

/// Whether a source of this kind is a file or a folder of files.
fn lies_in_files(kind: &str) -> bool {
    source_kind(kind).is_some_and(|kind| matches!(kind.lies, Lies::InFile | Lies::InFolder))
}

/// The folders of the project's services.
pub(crate) fn folders(context: &Context, loaded: &Loaded) -> Folders {
    let folder = |(name, service): (&ServiceName, &sternway_core::project::Service)| {
        let path = service.path.trim_end_matches('/');
        let prefix = if service.path == "." { String::new() } else { format!("{path}/") };
        (name.clone(), (context.project_dir.join(&service.path), prefix))
    };
    loaded.project.services.iter().map(folder).collect()
}

/// What may lie in a service's folder and is never part of its code: the configuration files of any environment, which are sealed as
/// values and may hold secrets, and Sternway's own state.
fn not_code(context: &Context, loaded: &Loaded, path: &str) -> Vec<String> {
    let named = loaded.project.environments.values().flat_map(|environment| environment.config.values().flatten());
    let files = named.filter_map(|source| match source {
        ConfigSource::File { kind, path, .. } if lies_in_files(kind) => Some(context.project_dir.join(path)),
        ConfigSource::File { .. } | ConfigSource::Inline { .. } => None,
    });
    let folder = settled(&context.project_dir.join(path));
    let inside = |file: PathBuf| {
        let file = settled(&file);
        let relative = file.strip_prefix(&folder).ok()?.to_str()?;
        (!relative.is_empty()).then(|| format!("/{}", escaped(relative)))
    };
    files.chain([context.state.clone()]).filter_map(inside).collect()
}

/// A path without links, `.` and `..`; what is not there is settled by its words alone.
fn settled(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        absolute.components().fold(PathBuf::new(), |mut settled, part| {
            if part == std::path::Component::ParentDir {
                settled.pop();
            } else {
                settled.push(part);
            }
            settled
        })
    })
}

/// A path as a gitignore pattern that means exactly it.
fn escaped(path: &str) -> String {
    path.chars().fold(String::new(), |mut pattern, c| {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | '!' | '#' | ' ') {
            pattern.push('\\');
        }
        pattern.push(c);
        pattern
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wiring::machine::Printed;

    #[test]
    fn configuration_files_and_the_state_folder_are_no_code() {
        let dir = tempfile::tempdir().unwrap();
        let text = r#"
            [project]
            name = "shop"
            [services.web]
            run = "exec serve"
            [environments.production]
            listen = "127.0.0.1:8080"
            [environments.production.config]
            web = ["dotenv:config/prod[1].env", "dotenv:../outside.env"]
        "#;
        let project = sternway_core::project::parse(text, "sternway.toml").unwrap().project;
        let loaded = Loaded { project, warnings: Vec::new() };
        let root = dir.path().to_owned();
        let context = Context {
            project_dir: root.clone(),
            state: root.join(".state"),
            runtime: root.clone(),
            printed: Printed::default(),
        };
        assert_eq!(not_code(&context, &loaded, "."), ["/config/prod\\[1\\].env", "/.state"]);
        assert_eq!(not_code(&context, &loaded, "config"), ["/prod\\[1\\].env"]);
    }
}
