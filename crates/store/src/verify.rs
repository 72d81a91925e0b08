//! Whether a release is what was sealed, and how large it is.

use std::collections::HashSet;

use std::fs::{self, File};
use std::io;
use std::path::Path;

use sternway_core::digest::Digest;

use crate::error::{Context as _, Damage, StoreError};
use crate::objects::digest;
use crate::seal::{read_content, read_tree};
use crate::stage::shared_paths;
use crate::tree::Node;
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

/// The same of a staged copy: its folder against the trees, so that it does not matter what became of the objects. What a service
/// wrote beside its files is left alone, and so is what is shared.
pub(crate) fn verify_staged(store: &Store, release: &Digest, folder: &Path) -> Result<u64, StoreError> {
    let _lock = store.lock_shared()?;
    let content = read_content(store, release)?;
    seal::read_values(store, release)?;
    let mut read = 0;
    for (service, shared) in shared_paths(&content)? {
        let tree = tree_of_release(store, &content.code[&service])?;
        let service = folder.join(service.as_str());
        let kept: Vec<_> = tree.entries.iter().filter(|entry| !shared.holds(&entry.path)).collect();
        let bytes = parallel::each(&kept, |entry| compare(&entry.node, &service.join(entry.path.as_path())))?;
        read += bytes.into_iter().sum::<u64>();
    }
    Ok(read)
}

/// Whether what stands at a path is this; answers with the bytes that were read.
fn compare(node: &Node, path: &Path) -> Result<u64, StoreError> {
    let damaged =
        |why: &str| StoreError::Damaged { what: Damage::Staged { file: path.to_owned() }, why: why.to_owned() };
    let there = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(damaged("it is missing")),
        there => there.on("look at", path)?,
    };
    match node {
        Node::Folder { .. } if there.is_dir() => Ok(0),
        Node::Link { target } if there.is_symlink() => {
            let same = fs::read_link(path).on("read", path)? == target.as_path();
            if same { Ok(0) } else { Err(damaged("it leads elsewhere")) }
        }
        Node::File { size, object, .. } if there.is_file() => {
            let (found, length) = digest(File::open(path).on("read", path)?).on("read", path)?;
            if found == *object && length == *size { Ok(length) } else { Err(damaged("its content is another")) }
        }
        Node::Folder { .. } | Node::Link { .. } | Node::File { .. } => Err(damaged("it is of another kind")),
    }
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
