//! Removing releases, and what no other release uses.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sternway_core::digest::Digest;

use crate::error::{Context as _, StoreError};
use crate::seal::{list, read_content};
use crate::temp::TempFolder;
use crate::verify::tree_of_release;
use crate::{Store, files};

pub(crate) fn remove(store: &Store, releases: &[Digest]) -> Result<u64, StoreError> {
    let _lock = store.lock_exclusive()?;
    // Everything is read before anything is removed: what cannot be read cannot be told from what nobody uses.
    let kept: Vec<_> = list(store)?.into_iter().filter(|release| !releases.contains(release)).collect();
    let used = used_trees(store, &kept)?;
    let (trees, live) = stale_trees(store, &used)?;
    let objects = stale_objects(store, &live)?;

    // From the top down, so that a crash leaves nothing that names what is gone.
    let mut freed = 0;
    let temp = TempFolder::make(&store.temp(), OsStr::new("remove-"))?;
    for release in releases {
        let folder = store.release_folder(release);
        if files::exists(&folder)? {
            freed += size_of_folder(&folder)?;
            fs::rename(&folder, temp.path().join(release.hex())).on("remove", &folder)?;
        }
    }
    files::sync_folder(&store.releases())?;
    freed += unlink(&trees)?;
    files::sync_folder(&store.trees())?;
    freed += unlink(&objects)?;
    Ok(freed)
}

fn used_trees(store: &Store, releases: &[Digest]) -> Result<HashSet<Digest>, StoreError> {
    let mut used = HashSet::new();
    for release in releases {
        used.extend(read_content(store, release)?.code.into_values());
    }
    Ok(used)
}

/// The files of trees that no release uses and that are not fresh; and the objects that the other trees use.
fn stale_trees(store: &Store, used: &HashSet<Digest>) -> Result<(Vec<PathBuf>, HashSet<Digest>), StoreError> {
    let mut stale = Vec::new();
    let mut live = HashSet::new();
    for tree in used {
        live.extend(tree_of_release(store, tree)?.files().map(|(_, _, object)| object.clone()));
    }
    for path in entries(&store.trees())? {
        let name = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
        match Digest::try_from(format!("sha256:{name}")) {
            Ok(tree) if used.contains(&tree) => {}
            // Imported and not sealed yet.
            Ok(tree) if is_fresh(store, &path)? => {
                live.extend(tree_of_release(store, &tree)?.files().map(|(_, _, object)| object.clone()));
            }
            Ok(_) => stale.push(path),
            // Not ours to judge.
            Err(_) => {}
        }
    }
    Ok((stale, live))
}

/// Whether a tree was imported within the grace. A time in the future says that the clock was set back: fresh.
fn is_fresh(store: &Store, path: &Path) -> Result<bool, StoreError> {
    let written = fs::metadata(path).and_then(|about| about.modified()).on("look at", path)?;
    Ok(SystemTime::now().duration_since(written).map_or(true, |age| age < store.grace))
}

fn stale_objects(store: &Store, live: &HashSet<Digest>) -> Result<Vec<PathBuf>, StoreError> {
    let mut stale = Vec::new();
    for folder in entries(&store.objects().folder())? {
        let start = folder.file_name().and_then(OsStr::to_str).unwrap_or_default().to_owned();
        for path in entries(&folder)? {
            let rest = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
            if Digest::try_from(format!("sha256:{start}{rest}")).is_ok_and(|object| !live.contains(&object)) {
                stale.push(path);
            }
        }
    }
    Ok(stale)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let entries = fs::read_dir(folder).on("read", folder)?;
    entries.map(|entry| Ok(entry.on("read", folder)?.path())).collect()
}

fn unlink(paths: &[PathBuf]) -> Result<u64, StoreError> {
    let mut freed = 0;
    for path in paths {
        freed += size_of(path)?;
        fs::remove_file(path).on("remove", path)?;
    }
    Ok(freed)
}

fn size_of_folder(folder: &Path) -> Result<u64, StoreError> {
    entries(folder)?.iter().map(|path| size_of(path)).sum()
}

fn size_of(path: &Path) -> Result<u64, StoreError> {
    match fs::symlink_metadata(path) {
        Ok(about) => Ok(about.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error).on("look at", path),
    }
}
