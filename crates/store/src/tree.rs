//! What a service's folder contains, as a list: the tree. Its JSON's digest is the identity of the code.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sternway_core::digest::Digest;

use crate::names::{RelPath, Target};

/// The newest format of a tree that is known here.
pub(crate) const FORMAT: u32 = 1;

/// The list of what a folder contains, sorted by path, each folder before what is in it. The SHA-256 of its JSON as written is
/// its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tree {
    format: u32,
    pub(crate) entries: Vec<Entry>,
}

/// One thing in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) path: RelPath,
    pub(crate) node: Node,
}

/// What it is. Owners, times, extended attributes and set-user-ID, set-group-ID and sticky bits are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Node {
    /// A folder.
    Folder {
        /// Permission bits, at most 0o777.
        mode: u32,
    },
    /// A file.
    File {
        /// Permission bits, at most 0o777.
        mode: u32,
        /// Bytes.
        size: u64,
        /// Where its content is.
        object: Digest,
    },
    /// A symbolic link.
    Link {
        /// Its target, as it is.
        target: Target,
    },
}

/// The permission bits that a tree keeps.
pub(crate) const MODE_BITS: u32 = 0o777;

impl Tree {
    /// A tree of these, in any order.
    pub(crate) fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Self { format: FORMAT, entries }
    }

    /// From stored bytes, checked: sorted, no path twice, each path in a folder of the same tree, so that unpacking it never
    /// writes through a link or outside of its folder.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, Unreadable> {
        let Version { format } = serde_json::from_slice(bytes).map_err(|error| Unreadable::Wrong(error.to_string()))?;
        if format > FORMAT {
            return Err(Unreadable::Newer(format));
        }
        let tree: Self = serde_json::from_slice(bytes).map_err(|error| Unreadable::Wrong(error.to_string()))?;
        tree.check().map_err(Unreadable::Wrong)?;
        Ok(tree)
    }

    fn check(&self) -> Result<(), String> {
        let mut folders = HashSet::new();
        let mut before: Option<&RelPath> = None;
        for Entry { path, node } in &self.entries {
            if before.is_some_and(|before| before >= path) {
                return Err(format!("`{path}` is out of order"));
            }
            if path.parent().is_some_and(|parent| !folders.contains(&parent)) {
                return Err(format!("`{path}` is not in a folder"));
            }
            match node {
                Node::Folder { mode } | Node::File { mode, .. } if mode & !MODE_BITS != 0 => {
                    return Err(format!("`{path}` has mode {mode:o}"));
                }
                Node::Folder { .. } => {
                    folders.insert(path.clone());
                }
                Node::File { .. } | Node::Link { .. } => {}
            }
            before = Some(path);
        }
        Ok(())
    }

    /// Its files: path, size, object.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&RelPath, u64, &Digest)> {
        self.entries.iter().filter_map(|entry| match &entry.node {
            Node::File { size, object, .. } => Some((&entry.path, *size, object)),
            Node::Folder { .. } | Node::Link { .. } => None,
        })
    }
}

/// Only the format of a record, to be read before the rest.
#[derive(Debug, Deserialize)]
pub(crate) struct Version {
    pub(crate) format: u32,
}

/// Why bytes are not a tree.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// A newer version wrote it.
    Newer(u32),
    /// It is not one.
    Wrong(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(entries: &str) -> Result<Tree, Unreadable> {
        Tree::from_json(format!(r#"{{"format":1,"entries":[{entries}]}}"#).as_bytes())
    }

    #[test]
    fn a_tree_that_would_write_outside_of_its_folder_is_refused() {
        let link = r#"{"path":"a","node":{"link":{"target":"/etc"}}}"#;
        let folder = r#"{"path":"a","node":{"folder":{"mode":493}}}"#;
        let inside = r#"{"path":"a/b","node":{"link":{"target":"x"}}}"#;
        assert!(read(&format!("{folder},{inside}")).is_ok());
        for wrong in
            [format!("{link},{inside}"), inside.to_owned(), format!("{folder},{folder}"), format!("{inside},{folder}")]
        {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
        assert!(read(r#"{"path":"../b","node":{"link":{"target":"x"}}}"#).is_err());
        assert!(read(r#"{"path":"b","node":{"folder":{"mode":2541}}}"#).is_err());
    }

    #[test]
    fn a_newer_format_is_told_apart_from_damage() {
        assert_eq!(Tree::from_json(br#"{"format":2,"what":1}"#), Err(Unreadable::Newer(2)));
    }
}
