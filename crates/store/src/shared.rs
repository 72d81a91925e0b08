//! Paths that live outside of releases, such as uploads: left out on import, linked in when staged.

use std::fs;
use std::io;
use std::path::Path;

use sternway_core::release::is_shared_file;

use crate::error::{Context as _, StoreError};
use crate::files;
use crate::names::RelPath;

/// Shared paths of one service, none inside of another.
#[derive(Debug, Clone, Default)]
pub(crate) struct SharedPaths(Vec<Shared>);

/// Ordered by path; of two spellings of one path, that of a folder comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shared {
    path: RelPath,
    file: bool,
}

impl SharedPaths {
    pub(crate) fn parse(paths: &[String]) -> Result<Self, StoreError> {
        let mut all = paths.iter().map(|path| parse(path)).collect::<Result<Vec<_>, _>>()?;
        all.sort();
        all.dedup_by(|later, first| later.path == first.path);
        let inside = |path: &RelPath| all.iter().any(|other| other.path != *path && path.is_within(&other.path));
        Ok(Self(all.iter().filter(|shared| !inside(&shared.path)).cloned().collect()))
    }

    /// Whether this path is shared or lies in what is.
    pub(crate) fn holds(&self, path: &RelPath) -> bool {
        self.0.iter().any(|shared| path.is_within(&shared.path))
    }

    /// Makes each folder that is not there below `folder`, and the folder in which a file will be. The file itself is for the service
    /// to make: an empty one would be wrong for most. What is there is left as it is, whatever it is.
    pub(crate) fn make(&self, folder: &Path) -> Result<(), StoreError> {
        for shared in &self.0 {
            let there = folder.join(shared.path.as_path());
            let wanted = if shared.file { there.parent().unwrap_or(folder) } else { &there };
            if !files::exists(&there)? && !files::exists(wanted)? {
                fs::create_dir_all(wanted).on("make", wanted)?;
            }
        }
        Ok(())
    }

    /// Links each path of the unpacked `service` to the same path below `folder`.
    pub(crate) fn link(&self, service: &Path, folder: &Path) -> Result<(), StoreError> {
        for Shared { path, .. } in &self.0 {
            if let Some(parent) = path.parent() {
                make_folders(service, &parent)?;
            }
            let link = service.join(path.as_path());
            std::os::unix::fs::symlink(folder.join(path.as_path()), &link).on("link", &link)?;
        }
        Ok(())
    }
}

/// Makes a folder and those above it below `base`, through no link.
fn make_folders(base: &Path, path: &RelPath) -> Result<(), StoreError> {
    if let Some(parent) = path.parent() {
        make_folders(base, &parent)?;
    }
    let folder = base.join(path.as_path());
    match fs::symlink_metadata(&folder) {
        Ok(there) if there.is_dir() => Ok(()),
        Ok(_) => Err(StoreError::BadShared {
            path: path.to_string(),
            why: "a folder above a shared path is a file or a link in the release",
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir(&folder).on("make", &folder)?;
            files::set_mode(&folder, 0o755)
        }
        Err(error) => Err(error).on("look at", &folder),
    }
}

fn parse(path: &str) -> Result<Shared, StoreError> {
    let bad = |why| StoreError::BadShared { path: path.to_owned(), why };
    if path.starts_with('/') {
        return Err(bad("it is absolute"));
    }
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.is_empty() {
        return Err(bad("it is the whole folder"));
    }
    let file = is_shared_file(path);
    let path = RelPath::new(parts.join("/").into_bytes()).ok_or_else(|| bad("it leaves the service's folder"))?;
    Ok(Shared { path, file })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(paths: &[&str]) -> Result<Vec<String>, String> {
        let paths: Vec<_> = paths.iter().map(|&path| path.to_owned()).collect();
        let shared = SharedPaths::parse(&paths).map_err(|error| error.to_string())?;
        Ok(shared.0.iter().map(|shared| shared.path.to_string()).collect())
    }

    #[test]
    fn spellings_of_one_path_are_one_path() {
        assert_eq!(
            paths(&["./storage//uploads/", "storage/uploads", "storage/uploads/a", "b"]).unwrap(),
            ["b", "storage/uploads"]
        );
    }

    #[test]
    fn paths_outside_of_the_folder_are_refused() {
        for path in ["/var", "../x", "a/../../b", "", ".", "./"] {
            assert!(paths(&[path]).is_err(), "{path:?}");
        }
    }
}
