//! A tree back on disk.

use std::fs;
use std::path::Path;

use crate::error::{Context as _, StoreError};
use crate::objects::Objects;
use crate::shared::SharedPaths;
use crate::tree::{Node, Tree};
use crate::{files, parallel};

/// Unpacks a tree into an empty folder, without what is shared. Contents are copies (reflinks where the file system has them) and
/// never hard links: a service that writes into its own folder must not change what a rollback brings back.
///
/// Folders stay writable until [`close`].
pub(crate) fn unpack(objects: &Objects, tree: &Tree, into: &Path, shared: &SharedPaths) -> Result<(), StoreError> {
    let kept: Vec<_> = tree.entries.iter().filter(|entry| !shared.holds(&entry.path)).collect();
    for entry in &kept {
        let path = into.join(entry.path.as_path());
        match &entry.node {
            Node::Folder { .. } => {
                fs::create_dir(&path).on("make", &path)?;
                files::set_mode(&path, 0o700)?;
            }
            Node::Link { target } => std::os::unix::fs::symlink(target.as_path(), &path).on("link", &path)?,
            Node::File { .. } => {}
        }
    }
    parallel::each(&kept, |entry| {
        let Node::File { mode, size, object } = &entry.node else { return Ok(()) };
        let path = into.join(entry.path.as_path());
        objects.copy_out(&entry.path, *size, object, &path)?;
        files::set_mode(&path, *mode)
    })?;
    Ok(())
}

/// Gives the folders their modes, the innermost first.
pub(crate) fn close(tree: &Tree, into: &Path, shared: &SharedPaths) -> Result<(), StoreError> {
    for entry in tree.entries.iter().rev() {
        if let Node::Folder { mode } = entry.node
            && !shared.holds(&entry.path)
        {
            files::set_mode(&into.join(entry.path.as_path()), mode)?;
        }
    }
    Ok(())
}
