//! Releases on this host: staging, verifying, removing.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::Deserialize;
use sternway_core::digest::Digest;
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::release::{ReleaseContent, ReleaseRef, ServiceSpec};
use sternway_store::Values;

use super::{Agent, finding, held};
use crate::durable;
use crate::folder::Subject;
use crate::protocol::Response;
use crate::secrets::Secrets;

/// A release that is staged, with all that is needed to run something of it.
pub(super) struct Staged {
    pub(super) environment: EnvironmentName,
    pub(super) release: ReleaseRef,
    pub(super) folder: PathBuf,
    pub(super) content: ReleaseContent,
    pub(super) values: Values,
    pub(super) secrets: Secrets,
}

impl Staged {
    pub(super) fn service(&self, service: &ServiceName) -> Result<&ServiceSpec, Box<Finding>> {
        self.content
            .services
            .get(service)
            .ok_or_else(|| finding::no_such_service(&self.environment, self.release.number, service))
    }
}

/// What the store writes beside the services' folders of a staged release, as far as it matters here.
#[derive(Deserialize)]
struct Marker {
    release: Digest,
}

fn stage_folder(state: &Path, environment: &EnvironmentName) -> PathBuf {
    state.join("staged").join(environment.as_str())
}

/// Where an agent with this state folder stages a release: in it a folder for each service.
pub fn release_folder(state: &Path, environment: &EnvironmentName, number: ReleaseNumber) -> PathBuf {
    stage_folder(state, environment).join(format!("r{number}"))
}

impl Agent {
    fn stage_folder(&self, environment: &EnvironmentName) -> PathBuf {
        stage_folder(&self.options.state, environment)
    }

    fn release_folder(&self, environment: &EnvironmentName, number: ReleaseNumber) -> PathBuf {
        release_folder(&self.options.state, environment, number)
    }

    fn staging_of(&self, environment: &EnvironmentName) -> Arc<Mutex<()>> {
        Arc::clone(held(&self.staging).entry(environment.clone()).or_default())
    }

    /// The digest of what is staged under this number.
    pub(super) fn staged_digest(&self, environment: &EnvironmentName, number: ReleaseNumber) -> Option<Digest> {
        let path = self.release_folder(environment, number).join("release.json");
        durable::read_json::<Marker>(&path).ok().flatten().map(|marker| marker.release)
    }

    pub(super) fn staged_numbers(&self) -> Vec<ReleaseNumber> {
        let Ok(environments) = fs::read_dir(self.options.state.join("staged")) else { return Vec::new() };
        let mut numbers: Vec<_> = environments
            .flatten()
            .filter_map(|environment| EnvironmentName::new(environment.file_name().into_string().ok()?).ok())
            .flat_map(|environment| {
                let releases = fs::read_dir(self.stage_folder(&environment)).into_iter().flatten().flatten();
                let number = |name: String| name.strip_prefix('r')?.parse::<ReleaseNumber>().ok();
                let numbers: Vec<_> =
                    releases.filter_map(|release| number(release.file_name().into_string().ok()?)).collect();
                numbers.into_iter().filter(move |number| self.staged_digest(&environment, *number).is_some())
            })
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    pub(super) fn stage(&self, environment: &EnvironmentName, release: &ReleaseRef) -> Result<Response, Box<Finding>> {
        let staging = self.staging_of(environment);
        let _staging = held(&staging);
        let there = self.staged_digest(environment, release.number);
        if there.as_ref() == Some(&release.digest) {
            return Ok(Response::Done);
        }
        if there.is_some() {
            self.refuse_running(environment, release.number)?;
        }
        let content = self.store.content(&release.digest).map_err(|error| finding::store(release, "staged", &error))?;
        if content.environment != *environment {
            let why = format!("it is bound for {}", content.environment);
            return Err(finding::not_staged(environment, release, &why));
        }
        let cannot_write = |error| finding::cannot_write("the folder of staged releases", &error);
        let folder = self.release_folder(environment, release.number);
        let shared = self.options.state.join("shared").join(environment.as_str());
        // Releases of other users are nobody's business: what is inside keeps the modes that it was imported with.
        durable::make_folder(&self.stage_folder(environment)).map_err(cannot_write)?;
        durable::make_folder(&shared).map_err(cannot_write)?;
        self.store
            .stage(&release.digest, &folder, &shared)
            .map_err(|error| finding::store(release, "staged", &error))?;
        Ok(Response::Done)
    }

    pub(super) fn verify(&self, release: &ReleaseRef) -> Result<Response, Box<Finding>> {
        let bytes = self.store.verify(&release.digest).map_err(|error| finding::store(release, "verified", &error))?;
        // The values are not among the objects, but going back needs them as well.
        self.store.values(&release.digest).map_err(|error| finding::store(release, "verified", &error))?;
        Ok(Response::Verified { bytes })
    }

    /// A release that is staged under its number and nothing else.
    pub(super) fn staged(&self, environment: &EnvironmentName, release: &ReleaseRef) -> Result<Staged, Box<Finding>> {
        match self.staged_digest(environment, release.number) {
            Some(digest) if digest == release.digest => {}
            Some(_) => {
                return Err(finding::not_staged(environment, release, "another release is staged under its number"));
            }
            None => return Err(finding::not_staged(environment, release, "its folder is not there")),
        }
        let unknown = |error| finding::store(release, "started", &error);
        let content = self.store.content(&release.digest).map_err(unknown)?;
        let values = self.store.values(&release.digest).map_err(unknown)?;
        Ok(Staged {
            environment: environment.clone(),
            release: release.clone(),
            folder: self.release_folder(environment, release.number),
            secrets: Secrets::of(&values),
            content,
            values,
        })
    }

    /// Removes staged releases, their logs and results, and from the store those that are staged nowhere else. What is not there is
    /// no error.
    pub(super) fn remove(
        &self,
        environment: &EnvironmentName,
        releases: &[ReleaseNumber],
    ) -> Result<Response, Box<Finding>> {
        let staging = self.staging_of(environment);
        let _staging = held(&staging);
        for number in releases {
            self.refuse_running(environment, *number)?;
        }
        let mut digests = Vec::new();
        for number in releases {
            digests.extend(self.staged_digest(environment, *number));
            self.remove_folder(environment, *number)
                .map_err(|error| finding::cannot_write(&format!("the folder of release {number}"), &error))?;
            for service in self.logs_of(environment, *number) {
                // A log that cannot be removed only takes room.
                let _gone_or_not = fs::remove_dir_all(service);
            }
        }
        self.forget_runs(environment, releases);
        let elsewhere = self.all_staged_digests();
        digests.retain(|digest| !elsewhere.contains(digest));
        if let Some(first) = digests.first() {
            let release = ReleaseRef { number: releases[0], digest: first.clone() };
            self.store.remove(&digests).map_err(|error| finding::store(&release, "removed", &error))?;
        }
        // What was given up on a full disk may fit again.
        self.room.reserve();
        Ok(Response::Done)
    }

    fn refuse_running(&self, environment: &EnvironmentName, number: ReleaseNumber) -> Result<(), Box<Finding>> {
        for (_, spec) in self.running_units() {
            let uses = match &spec.subject {
                Subject::Instance { id, .. } => id.environment == *environment && id.release == number,
                Subject::Run { environment: of, release, .. } => of == environment && release.number == number,
                Subject::Kept { .. } => false,
            };
            if uses {
                return Err(finding::still_runs(number, &super::unit::name(&spec.subject)));
            }
        }
        Ok(())
    }

    fn remove_folder(&self, environment: &EnvironmentName, number: ReleaseNumber) -> io::Result<()> {
        let folder = self.release_folder(environment, number);
        // Out of its place in one step; what a crash leaves under the other name is removed the next time.
        let aside = folder.with_extension("removed");
        match fs::rename(&folder, &aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if aside.exists() { remove_tree(&aside) } else { Ok(()) }
    }

    /// Folders of instances of this release, all stopped.
    fn logs_of(&self, environment: &EnvironmentName, number: ReleaseNumber) -> Vec<PathBuf> {
        let (start, end) = (format!("{environment}."), format!(".r{number}"));
        let Ok(entries) = fs::read_dir(self.options.state.join("instances")) else { return Vec::new() };
        let of_release = |name: &str| name.starts_with(&start) && name.ends_with(&end);
        entries
            .flatten()
            .filter(|entry| entry.file_name().to_str().is_some_and(of_release))
            .map(|entry| entry.path())
            .collect()
    }

    fn all_staged_digests(&self) -> Vec<Digest> {
        let Ok(environments) = fs::read_dir(self.options.state.join("staged")) else { return Vec::new() };
        environments
            .flatten()
            .flat_map(|environment| fs::read_dir(environment.path()).into_iter().flatten().flatten())
            .filter_map(|release| durable::read_json::<Marker>(&release.path().join("release.json")).ok().flatten())
            .map(|marker| marker.release)
            .collect()
    }
}

/// Removes a folder in which some folders may be read-only.
fn remove_tree(path: &Path) -> io::Result<()> {
    if fs::remove_dir_all(path).is_ok() {
        return Ok(());
    }
    make_writable(path)?;
    fs::remove_dir_all(path)
}

fn make_writable(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Links to shared paths are not followed.
        if entry.file_type()?.is_dir() {
            make_writable(&entry.path())?;
        }
    }
    Ok(())
}
