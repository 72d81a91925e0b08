//! Why the store could not, what that means, and what to do next.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use sternway_core::digest::Digest;

/// Why the store could not. Holds paths and digests, never a file's content or a configuration value.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A folder or file that was named is not there.
    #[error("{0} is not there")]
    NotThere(PathBuf),
    /// The operating system refused.
    #[error("cannot {doing} {path}", path = path.display())]
    Io {
        /// What was tried: `read`, `write`, ...
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// No such release was sealed here.
    #[error("release {0} is not in the store")]
    NoRelease(Digest),
    /// No such folder was imported here.
    #[error("tree {0} is not in the store")]
    NoTree(Digest),
    /// Something in the service's folder cannot be part of a release.
    #[error("{} is {kind}: a release holds files, folders and symbolic links only", path.display())]
    Refused {
        /// Where it is.
        path: PathBuf,
        /// What it is: `a socket`, ...
        kind: &'static str,
    },
    /// A file was written to while it was read, each time that it was tried.
    #[error("{} keeps changing while it is read", .0.display())]
    Changed(PathBuf),
    /// An exclude pattern that is not gitignore syntax.
    #[error("exclude pattern `{pattern}` ({origin}): {why}")]
    BadPattern {
        /// The pattern as written.
        pattern: String,
        /// Where it was written.
        origin: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A shared path that cannot be linked into the service's folder.
    #[error("shared path `{path}`: {why}")]
    BadShared {
        /// The path as written.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The values do not belong to the content: a key has a fingerprint and no value, or the other way round.
    #[error("configuration of `{service}`: key `{key}` {why}")]
    ValuesMismatch {
        /// The service.
        service: String,
        /// The key, never its value.
        key: String,
        /// What is wrong.
        why: &'static str,
    },
    /// The same content was sealed before with other values.
    #[error("release {0} was sealed before with other configuration values")]
    SealedOtherwise(Digest),
    /// Something in the store is not what was put there.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// What is damaged, and the path in the release when it is a file of one.
        what: Damage,
        /// How it shows.
        why: String,
    },
    /// A newer version of Sternway wrote this.
    #[error("{} has format {format}, this version reads up to {known}", path.display())]
    Newer {
        /// What was read.
        path: PathBuf,
        /// Its format.
        format: u32,
        /// The newest format that is known here.
        known: u32,
    },
    /// The disk is too full; nothing was left behind.
    #[error("no space left below {}: {missing} bytes and {inodes} inodes are missing", path.display())]
    NoSpace {
        /// Where.
        path: PathBuf,
        /// Bytes to be freed, at most.
        missing: u64,
        /// Inodes to be freed, at most.
        inodes: u64,
    },
    /// Staging will not replace a folder that it did not make.
    #[error("{} is in the way: it is not a staged release", .0.display())]
    InTheWay(PathBuf),
}

/// What is damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// A release's own record.
    Release {
        /// Which release.
        release: Digest,
        /// Which of its files.
        file: PathBuf,
    },
    /// The list of what a folder contains.
    Tree {
        /// Which tree.
        tree: Digest,
        /// Its file.
        file: PathBuf,
    },
    /// The content of a file.
    Object {
        /// Path in the service's folder, escaped.
        path: String,
        /// The object's digest.
        object: Digest,
        /// The object's file in the store.
        file: PathBuf,
    },
    /// Something of a staged release.
    Staged {
        /// Where it is.
        file: PathBuf,
    },
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release { release, file } => write!(f, "release {} ({})", release.short(), file.display()),
            Self::Tree { tree, file } => write!(f, "tree {} ({})", tree.short(), file.display()),
            Self::Object { path, object, file } => {
                write!(f, "`{path}`, object {} ({})", object.short(), file.display())
            }
            Self::Staged { file } => write!(f, "the staged {}", file.display()),
        }
    }
}

impl StoreError {
    /// What to do next; empty when the message says it all.
    pub fn hint(&self) -> String {
        match self {
            Self::Refused { path, .. } => {
                format!("remove {}, or leave it out with `exclude` in sternway.toml", path.display())
            }
            Self::Changed(path) => format!(
                "stop what writes to {}, leave it out with `exclude`, or declare it `shared` when it is data",
                path.display()
            ),
            Self::BadShared { .. } => "name a path relative to the service's folder, without `..`".to_owned(),
            Self::BadPattern { .. } => "see gitignore(5); `\\` takes the next character as it is".to_owned(),
            Self::Damaged { what: Damage::Object { file, .. }, .. } => format!(
                "delete {} and ship the same code again to put it back; until then this release is no way back",
                file.display()
            ),
            Self::Damaged { what: Damage::Tree { file, .. }, .. } => {
                format!("delete {} and ship the same code again to put it back", file.display())
            }
            Self::Damaged { what: Damage::Release { .. }, .. } => {
                "ship the same code with the same configuration again; until then this release is no way back"
                    .to_owned()
            }
            Self::Damaged { what: Damage::Staged { .. }, .. } => "ship the same code again".to_owned(),
            Self::Newer { .. } => "use the newer `sternway`".to_owned(),
            Self::NoSpace { path, .. } => {
                format!("free space on the file system of {}; what was begun has been removed", path.display())
            }
            Self::InTheWay(path) => format!("move {} away", path.display()),
            Self::NoRelease(_) | Self::NoTree(_) => "`sternway status` lists the releases that are kept".to_owned(),
            Self::NotThere(_) | Self::Io { .. } | Self::ValuesMismatch { .. } | Self::SealedOtherwise(_) => {
                String::new()
            }
        }
    }

    pub(crate) fn is_no_space(&self) -> bool {
        matches!(self, Self::Io { source, .. } if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }
}

/// Gives an I/O error its context.
pub(crate) trait Context<T> {
    fn on(self, doing: &'static str, path: &Path) -> Result<T, StoreError>;
}

impl<T> Context<T> for io::Result<T> {
    fn on(self, doing: &'static str, path: &Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Io { doing, path: path.to_owned(), source })
    }
}

impl<T> Context<T> for rustix::io::Result<T> {
    fn on(self, doing: &'static str, path: &Path) -> Result<T, StoreError> {
        self.map_err(io::Error::from).on(doing, path)
    }
}
