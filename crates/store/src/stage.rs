//! A release unpacked to where it runs: complete or not at all.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sternway_core::digest::Digest;
use sternway_core::ids::ServiceName;
use sternway_core::release::ReleaseContent;

use crate::error::{Context as _, StoreError};
use crate::seal::{exchange, read_content, read_tree};
use crate::shared::SharedPaths;
use crate::temp::TempFolder;
use crate::verify::{size_of_tree, tree_of_release};
use crate::{Size, Store, WRITTEN_BY, files, to_json, unpack, verify};

const MARKER: &str = "release.json";

/// `release.json` in the staged folder, beside the services' folders.
#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    format: u32,
    release: Digest,
    written_by: String,
}

pub(crate) fn stage(store: &Store, release: &Digest, into: &Path, shared: &Path) -> Result<(), StoreError> {
    let shared = std::path::absolute(shared).on("find", shared)?;
    let need = verify::size(store, release)?;
    let _lock = store.lock_shared()?;
    let content = read_content(store, release)?;
    let services = shared_paths(&content)?;
    for (service, paths) in &services {
        paths.make(&shared.join(service.as_str()))?;
    }
    let place = Place::prepare(into)?;
    let there = place.what_is_there()?;
    if there == There::Release(release.clone()) {
        return Ok(());
    }
    let temp = place.begin(need)?;
    let filled = services.iter().try_for_each(|(service, paths)| {
        let tree = tree_of_release(store, &content.code[service])?;
        let folder = temp.path().join(service.as_str());
        fs::create_dir(&folder).on("make", &folder)?;
        unpack::unpack(&store.objects(), &tree, &folder, paths)?;
        paths.link(&folder, &shared.join(service.as_str()))?;
        unpack::close(&tree, &folder, paths)?;
        files::set_mode(&folder, 0o755)
    });
    let filled = filled.and_then(|()| {
        let marker = Marker { format: 1, release: release.clone(), written_by: WRITTEN_BY.to_owned() };
        files::write_new(&temp.path().join(MARKER), &to_json(&marker, into)?, 0o644)?;
        files::set_mode(temp.path(), 0o755)
    });
    place.finish(temp, filled, need, there)
}

/// Unpacks one tree to a new folder.
pub(crate) fn copy(store: &Store, tree: &Digest, into: &Path) -> Result<(), StoreError> {
    let _lock = store.lock_shared()?;
    let tree = read_tree(store, tree)?;
    let need = size_of_tree(&tree);
    let place = Place::prepare(into)?;
    let there = place.what_is_there()?;
    if there != There::Nothing {
        return Err(StoreError::InTheWay(place.into));
    }
    let temp = place.begin(need)?;
    let none = SharedPaths::default();
    let filled = unpack::unpack(&store.objects(), &tree, temp.path(), &none)
        .and_then(|()| unpack::close(&tree, temp.path(), &none))
        .and_then(|()| files::set_mode(temp.path(), 0o755));
    place.finish(temp, filled, need, there)
}

pub(crate) fn shared_paths(content: &ReleaseContent) -> Result<Vec<(ServiceName, SharedPaths)>, StoreError> {
    let paths = |service: &ServiceName| match content.services.get(service) {
        Some(spec) => SharedPaths::parse(&spec.shared),
        None => Ok(SharedPaths::default()),
    };
    content.code.keys().map(|service| Ok((service.clone(), paths(service)?))).collect()
}

/// What stands where a release is to be staged.
#[derive(Debug, PartialEq, Eq)]
enum There {
    /// Nothing, or an empty folder.
    Nothing,
    /// A staged release.
    Release(Digest),
}

/// Where something is unpacked to, and the folder in which that is prepared.
struct Place {
    into: PathBuf,
    parent: PathBuf,
    /// Of the temporary folders beside it.
    prefix: OsString,
}

impl Place {
    fn prepare(into: &Path) -> Result<Self, StoreError> {
        let into = std::path::absolute(into).on("find", into)?;
        let (Some(parent), Some(name)) = (into.parent(), into.file_name()) else {
            return Err(StoreError::InTheWay(into));
        };
        let mut prefix = OsString::from(name);
        prefix.push(".tmp-");
        fs::create_dir_all(parent).on("make", parent)?;
        let place = Self { parent: parent.to_owned(), prefix, into: into.clone() };
        TempFolder::sweep(&place.parent, &place.prefix)?;
        Ok(place)
    }

    fn what_is_there(&self) -> Result<There, StoreError> {
        if !files::exists(&self.into)? {
            return Ok(There::Nothing);
        }
        let in_the_way = || StoreError::InTheWay(self.into.clone());
        if !fs::symlink_metadata(&self.into).on("look at", &self.into)?.is_dir() {
            return Err(in_the_way());
        }
        let marker = self.into.join(MARKER);
        if files::exists(&marker)? {
            let marker: Marker = serde_json::from_slice(&files::read(&marker)?).map_err(|_| in_the_way())?;
            return Ok(There::Release(marker.release));
        }
        let empty = fs::read_dir(&self.into).on("read", &self.into)?.next().is_none();
        if empty { Ok(There::Nothing) } else { Err(in_the_way()) }
    }

    fn begin(&self, need: Size) -> Result<TempFolder, StoreError> {
        let (bytes, inodes) = files::free(&self.parent)?;
        if bytes < need.bytes || inodes.is_some_and(|inodes| inodes < need.inodes) {
            return Err(missing(&self.parent, need)?);
        }
        TempFolder::make(&self.parent, &self.prefix)
    }

    /// Makes what was unpacked durable and moves it to its place in one step; when unpacking failed, nothing stays.
    fn finish(
        &self,
        temp: TempFolder,
        filled: Result<(), StoreError>,
        need: Size,
        there: There,
    ) -> Result<(), StoreError> {
        let done = filled.and_then(|()| {
            files::sync_file_system(temp.path())?;
            match there {
                There::Nothing => fs::rename(temp.path(), &self.into).on("write", &self.into),
                // The other release moves to the temporary folder's name and is removed with it.
                There::Release(_) => exchange(temp.path(), &self.into),
            }
        });
        match done {
            Ok(()) => files::sync_folder(&self.parent),
            Err(error) => {
                drop(temp);
                if error.is_no_space() { Err(missing(&self.parent, need)?) } else { Err(error) }
            }
        }
    }
}

/// The error that says how much more must be free at `path`. Asked after clean-up.
pub(crate) fn missing(path: &Path, need: Size) -> Result<StoreError, StoreError> {
    let (bytes, inodes) = files::free(path)?;
    let inodes = inodes.map_or(0, |inodes| need.inodes.saturating_sub(inodes));
    let bytes = need.bytes.saturating_sub(bytes);
    // Full a moment ago, and enough room now: others use the disk too. Ask for one block more than there is.
    let bytes = if bytes == 0 && inodes == 0 { 4096 } else { bytes };
    Ok(StoreError::NoSpace { path: path.to_owned(), missing: bytes, inodes })
}
