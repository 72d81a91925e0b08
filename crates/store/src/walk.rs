//! Which files, folders and links of a service's folder go into a release.

use std::fs::{self, FileType, Metadata};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use crate::error::{Context as _, StoreError};
use crate::ignore::Ignore;
use crate::names::{RelPath, Target};
use crate::shared::SharedPaths;
use crate::tree::{Entry, MODE_BITS, Node};

/// What was found in a folder.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Folders and links, complete.
    pub(crate) entries: Vec<Entry>,
    /// Files, still to be read.
    pub(crate) files: Vec<RelPath>,
    /// Links that point outside of the folder.
    pub(crate) outside: Vec<String>,
}

/// What a walk leaves out.
#[derive(Debug)]
pub(crate) struct LeftOut<'a> {
    pub(crate) ignore: &'a Ignore,
    pub(crate) shared: &'a SharedPaths,
    /// Device and inode of the store itself, which is never part of a release.
    pub(crate) store: (u64, u64),
}

/// Walks a folder.
pub(crate) fn walk(folder: &Path, left_out: &LeftOut<'_>) -> Result<Found, StoreError> {
    let mut found = Found::default();
    let mut open: Vec<Vec<u8>> = vec![Vec::new()];
    while let Some(prefix) = open.pop() {
        let here = folder.join(PathBuf::from(std::ffi::OsString::from_vec(prefix.clone())));
        for entry in fs::read_dir(&here).on("read", &here)? {
            let entry = entry.on("read", &here)?;
            let mut path = prefix.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(entry.file_name().as_bytes());
            let full = entry.path();
            let about = fs::symlink_metadata(&full).on("look at", &full)?;
            let Some(path) = RelPath::new(path) else { continue };
            if left_out.holds(&path, &about) {
                continue;
            }
            if about.is_dir() {
                open.push(path.as_bytes().to_vec());
            }
            found.take(path, &full, &about)?;
        }
    }
    Ok(found)
}

impl LeftOut<'_> {
    fn holds(&self, path: &RelPath, about: &Metadata) -> bool {
        self.ignore.leaves_out(path.as_bytes(), about.is_dir())
            || self.shared.holds(path)
            || (about.dev(), about.ino()) == self.store
    }
}

impl Found {
    fn take(&mut self, path: RelPath, full: &Path, about: &Metadata) -> Result<(), StoreError> {
        let kind = about.file_type();
        if kind.is_dir() {
            self.entries.push(Entry { path, node: Node::Folder { mode: about.mode() & MODE_BITS } });
        } else if kind.is_file() {
            self.files.push(path);
        } else if kind.is_symlink() {
            let target = fs::read_link(full).on("read", full)?;
            if points_outside(&path, &target) {
                self.outside.push(path.to_string());
            }
            let target = Target::new(target.into_os_string().into_vec());
            let target = target.ok_or_else(|| StoreError::Changed(full.to_owned()))?;
            self.entries.push(Entry { path, node: Node::Link { target } });
        } else {
            return Err(StoreError::Refused { path: full.to_owned(), kind: describe(kind) });
        }
        Ok(())
    }
}

fn describe(kind: FileType) -> &'static str {
    if kind.is_socket() {
        "a socket"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_block_device() || kind.is_char_device() {
        "a device"
    } else {
        "of an unknown kind"
    }
}

/// Whether a link leaves its folder by the letters of its target (other links on the way are not followed).
fn points_outside(path: &RelPath, target: &Path) -> bool {
    use std::path::Component;
    let mut depth = path.as_path().components().count() - 1;
    for part in target.components() {
        match part {
            Component::RootDir | Component::Prefix(_) => return true,
            Component::CurDir => {}
            Component::ParentDir if depth == 0 => return true,
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_leave_the_folder_are_told() {
        for (path, target, outside) in [
            ("a", "b", false),
            ("a", "/b", true),
            ("a", "../b", true),
            ("x/a", "../b", false),
            ("x/a", "../../b", true),
            ("x/a", "y/../../../b", true),
            ("x/y/a", "./../../b", false),
        ] {
            let path = RelPath::try_from(path.to_owned()).unwrap();
            assert_eq!(points_outside(&path, Path::new(target)), outside, "{path} -> {target}");
        }
    }
}
