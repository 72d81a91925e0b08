//! Contents of files, by digest.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use sternway_core::digest::Digest;

use crate::error::{Context as _, Damage, StoreError};
use crate::files;
use crate::names::RelPath;

/// Files up to this size are read into memory once; larger ones are streamed.
pub(crate) const SMALL: u64 = 1 << 20;

/// The folder of objects: `ab/cdef...`.
#[derive(Debug, Clone)]
pub(crate) struct Objects {
    folder: PathBuf,
}

impl Objects {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    pub(crate) fn file(&self, object: &Digest) -> PathBuf {
        let (start, rest) = object.hex().split_at(2);
        self.folder.join(start).join(rest)
    }

    /// Whether the object is here, with the right size. (Its bytes are for `verify`.)
    pub(crate) fn has(&self, object: &Digest, size: u64) -> Result<bool, StoreError> {
        let path = self.file(object);
        match fs::symlink_metadata(&path) {
            Ok(there) => Ok(there.is_file() && there.len() == size),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error).on("look at", &path),
        }
    }

    /// Moves a complete, synced file to its place.
    pub(crate) fn put(&self, object: &Digest, from: &Path) -> Result<(), StoreError> {
        let path = self.file(object);
        if let Some(folder) = path.parent() {
            files::make_private(folder)?;
        }
        fs::rename(from, &path).on("write", &path)
    }

    /// Reads an object against its digest.
    pub(crate) fn check(&self, name: &RelPath, size: u64, object: &Digest) -> Result<(), StoreError> {
        let path = self.file(object);
        let file = File::open(&path).map_err(|error| self.unreadable(name, object, error))?;
        let (found, read) = digest(file).map_err(|error| self.unreadable(name, object, error))?;
        self.compare(name, (size, object), (read, &found))
    }

    /// Writes an object's content to a new file, and makes sure that it is what its digest says.
    pub(crate) fn copy_out(&self, name: &RelPath, size: u64, object: &Digest, to: &Path) -> Result<(), StoreError> {
        let path = self.file(object);
        if size <= SMALL {
            let content = fs::read(&path).map_err(|error| self.unreadable(name, object, error))?;
            self.compare(name, (size, object), (content.len() as u64, &Digest::of(&content)))?;
            return files::create(to, 0o600)?.write_all(&content).on("write", to);
        }
        let mut from = File::open(&path).map_err(|error| self.unreadable(name, object, error))?;
        // A reflink or a copy inside the kernel where the file system can; what arrived is read back and judged, so that a fault of
        // the disk on either side shows.
        let mut new = files::create(to, 0o600)?;
        io::copy(&mut from, &mut new).on("write", to)?;
        let written = File::open(to).on("read", to)?;
        let (found, read) = digest(written).on("read", to)?;
        self.compare(name, (size, object), (read, &found))
    }

    fn compare(&self, name: &RelPath, wanted: (u64, &Digest), found: (u64, &Digest)) -> Result<(), StoreError> {
        if wanted == found {
            return Ok(());
        }
        let why = if wanted.0 == found.0 {
            format!("its {} bytes have digest {}", found.0, found.1.short())
        } else {
            format!("it has {} bytes instead of {}", found.0, wanted.0)
        };
        Err(StoreError::Damaged { what: self.damage(name, wanted.1), why })
    }

    fn unreadable(&self, name: &RelPath, object: &Digest, error: io::Error) -> StoreError {
        if error.kind() == io::ErrorKind::NotFound {
            return StoreError::Damaged { what: self.damage(name, object), why: "it is missing".to_owned() };
        }
        // A sector that cannot be read (EIO) is damage, too; anything else (permissions, open files) is not the object's fault.
        if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) {
            return StoreError::Damaged { what: self.damage(name, object), why: error.to_string() };
        }
        StoreError::Io { doing: "read", path: self.file(object), source: error }
    }

    fn damage(&self, name: &RelPath, object: &Digest) -> Damage {
        Damage::Object { path: name.to_string(), object: object.clone(), file: self.file(object) }
    }
}

/// SHA-256 and length of all that a reader gives.
pub(crate) fn digest(from: impl Read) -> io::Result<(Digest, u64)> {
    copy_digest(from, &mut io::sink())
}

/// Copies all that a reader gives; answers with its SHA-256 and length.
pub(crate) fn copy_digest(mut from: impl Read, to: &mut impl Write) -> io::Result<(Digest, u64)> {
    let mut hash = Sha256::new();
    let mut length = 0;
    let mut buffer = vec![0; 128 * 1024];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok((Digest::from_bytes(&hash.finalize()), length)),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
        length += count as u64;
    }
}
