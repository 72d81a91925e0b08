//! A file's bytes replaced as a whole: what anybody reads is the old file or the new one.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::Access;

/// Why a file was not replaced; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// It is reached by a link, or a folder that is one, out of the project.
    #[error("it leads out of the project")]
    Outside,
    /// Nobody may write it.
    #[error("it is read-only")]
    ReadOnly,
    /// Replacing it would part it from its other names.
    #[error("it has other names (hard links), and would be parted from them")]
    Linked,
    /// Somebody changed it meanwhile.
    #[error("it was changed meanwhile: type it again")]
    Changed,
    /// The system refused.
    #[error(transparent)]
    System(#[from] io::Error),
}

/// The file behind a path of the project, links followed.
///
/// # Errors
/// When it is not there, is no plain file, or lies outside of the project.
pub fn inside(project: &Path, file: &str) -> Result<PathBuf, NotWritten> {
    let (project, path) = (project.canonicalize()?, project.join(file).canonicalize()?);
    if !path.starts_with(&project) {
        return Err(NotWritten::Outside);
    }
    Ok(path)
}

/// Replaces a file that reads `before` by one that reads `after`, with its mode, owner and extended attributes: written beside it,
/// synced, and renamed.
///
/// # Errors
/// Why it was not; then it is as it was, and nothing is left beside it.
pub fn replace(path: &Path, before: &[u8], after: &[u8]) -> Result<(), NotWritten> {
    let metadata = fs::metadata(path)?;
    if metadata.permissions().mode() & 0o222 == 0 || rustix::fs::access(path, Access::WRITE_OK).is_err() {
        return Err(NotWritten::ReadOnly);
    }
    if metadata.nlink() > 1 {
        return Err(NotWritten::Linked);
    }
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".sternway-{}", std::process::id()));
    let beside = path.with_file_name(name);
    let written = write(&beside, after, path, &metadata).map_err(NotWritten::System);
    let done = written.and_then(|()| {
        if fs::read(path)? != before {
            return Err(NotWritten::Changed);
        }
        fs::rename(&beside, path).map_err(NotWritten::System)
    });
    if done.is_err() {
        let _it_may_never_have_been_there = fs::remove_file(&beside);
        return done;
    }
    // The file is replaced; whether that outlives a loss of power is the folder's business.
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn write(beside: &Path, bytes: &[u8], path: &Path, metadata: &Metadata) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(beside)?;
    file.write_all(bytes)?;
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (metadata.uid(), metadata.gid()) {
        std::os::unix::fs::fchown(&file, Some(metadata.uid()), Some(metadata.gid()))?;
    }
    attributes(path, &file)?;
    // Behind the owner: a change of owner takes set-user-ID away.
    file.set_permissions(metadata.permissions())?;
    file.sync_all()
}

/// The attributes that a person gives: access lists and `user.*`.
fn attributes(path: &Path, to: &File) -> io::Result<()> {
    let mut names = vec![0_u8; 64 << 10];
    let length = match rustix::fs::listxattr(path, &mut names) {
        Ok(length) => length,
        // The file system has none.
        Err(rustix::io::Errno::OPNOTSUPP) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let Ok(name) = std::str::from_utf8(name) else { continue };
        if !name.starts_with("user.") && name != "system.posix_acl_access" {
            continue;
        }
        let mut value = vec![0_u8; 64 << 10];
        let length = rustix::fs::getxattr(path, name, &mut value)?;
        rustix::fs::fsetxattr(to, name, &value[..length], rustix::fs::XattrFlags::empty())?;
    }
    Ok(())
}
