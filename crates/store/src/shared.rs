//! Paths that live outside of releases, such as uploads: left out on import, linked in when staged.

use std::fs;
use std::io;
use std::path::Path;

use crate::error::{Context as _, StoreError};
use crate::files;
use crate::names::RelPath;

/// Shared paths of one service, none inside of another.
#[derive(Debug, Clone, Default)]
pub(crate) struct SharedPaths(Vec<RelPath>);

impl SharedPaths {
    pub(crate) fn parse(paths: &[String]) -> Result<Self, StoreError> {
        let mut all = paths.iter().map(|path| parse(path)).collect::<Result<Vec<_>, _>>()?;
        all.sort();
        let inside = |path: &RelPath| all.iter().any(|other| other != path && path.is_within(other));
        let mut outermost: Vec<_> = all.iter().filter(|path| !inside(path)).cloned().collect();
        outermost.dedup();
        Ok(Self(outermost))
    }

    /// Whether this path is shared or lies in what is.
    pub(crate) fn holds(&self, path: &RelPath) -> bool {
        self.0.iter().any(|shared| path.is_within(shared))
    }

    /// Makes each path that is not there as a folder below `folder`. What is there, a file too, is left as it is.
    pub(crate) fn make(&self, folder: &Path) -> Result<(), StoreError> {
        for path in &self.0 {
            let there = folder.join(path.as_path());
            if !files::exists(&there)? {
                fs::create_dir_all(&there).on("make", &there)?;
            }
        }
        Ok(())
    }

    /// Links each path of the unpacked `service` to the same path below `folder`.
    pub(crate) fn link(&self, service: &Path, folder: &Path) -> Result<(), StoreError> {
        for path in &self.0 {
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

fn parse(path: &str) -> Result<RelPath, StoreError> {
    let bad = |why| StoreError::BadShared { path: path.to_owned(), why };
    if path.starts_with('/') {
        return Err(bad("it is absolute"));
    }
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.is_empty() {
        return Err(bad("it is the whole folder"));
    }
    RelPath::new(parts.join("/").into_bytes()).ok_or_else(|| bad("it leaves the service's folder"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(paths: &[&str]) -> Result<Vec<String>, String> {
        let paths: Vec<_> = paths.iter().map(|&path| path.to_owned()).collect();
        let shared = SharedPaths::parse(&paths).map_err(|error| error.to_string())?;
        Ok(shared.0.iter().map(ToString::to_string).collect())
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
