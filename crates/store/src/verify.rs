//! Whether a release is what was sealed, and how large it is.

use std::collections::HashSet;

use sternway_core::digest::Digest;

use crate::error::{Damage, StoreError};
use crate::seal::{read_content, read_tree};
use crate::{Size, Store, parallel, seal};

pub(crate) fn verify(store: &Store, release: &Digest) -> Result<u64, StoreError> {
    let _lock = store.lock_shared()?;
    let content = read_content(store, release)?;
    seal::read_values(store, release)?;
    let mut seen = HashSet::new();
    let mut to_read = Vec::new();
    for tree in content.code.values() {
        let tree = tree_of_release(store, tree)?;
        for (path, size, object) in tree.files() {
            if seen.insert(object.clone()) {
                to_read.push((path.clone(), size, object.clone()));
            }
        }
    }
    let objects = store.objects();
    parallel::each(&to_read, |(path, size, object)| objects.check(path, *size, object))?;
    Ok(to_read.iter().map(|(_, size, _)| size).sum())
}

pub(crate) fn size(store: &Store, release: &Digest) -> Result<Size, StoreError> {
    let _lock = store.lock_shared()?;
    let content = read_content(store, release)?;
    // The folder itself and its release.json.
    let mut size = Size { bytes: 2 * BLOCK, inodes: 2 };
    for tree in content.code.values() {
        let more = size_of_tree(&tree_of_release(store, tree)?);
        size.bytes += more.bytes;
        size.inodes += more.inodes;
    }
    for spec in content.services.values() {
        // Each shared path is a link, perhaps in a folder of its own.
        size.bytes += 2 * BLOCK * spec.shared.len() as u64;
        size.inodes += 2 * spec.shared.len() as u64;
    }
    Ok(size)
}

pub(crate) fn size_of_tree(tree: &crate::tree::Tree) -> Size {
    let files: u64 = tree.files().map(|(_, size, _)| on_disk(size)).sum();
    let others = (tree.entries.len() - tree.files().count()) as u64;
    Size { bytes: files + BLOCK * (others + 1), inodes: tree.entries.len() as u64 + 1 }
}

/// The unit in which file systems give out space.
const BLOCK: u64 = 4096;

pub(crate) fn on_disk(size: u64) -> u64 {
    size.div_ceil(BLOCK) * BLOCK
}

/// A tree that a sealed release names: that it is missing is damage.
pub(crate) fn tree_of_release(store: &Store, tree: &Digest) -> Result<crate::tree::Tree, StoreError> {
    read_tree(store, tree).map_err(|error| match error {
        StoreError::NoTree(tree) => {
            let file = store.tree_file(&tree);
            StoreError::Damaged { what: Damage::Tree { tree, file }, why: "it is missing".to_owned() }
        }
        other => other,
    })
}
