//! Files and folders, durably.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use crate::error::{Context as _, StoreError};

/// Makes a folder that only its owner may enter, and the folders above it.
pub(crate) fn make_private(path: &Path) -> Result<(), StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).on("make", path)
}

/// Writes a new file and syncs it.
pub(crate) fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), StoreError> {
    let mut file = create(path, mode)?;
    file.write_all(bytes).on("write", path)?;
    file.sync_all().on("sync", path)
}

/// Makes a new file, writable through the returned handle whatever its mode.
pub(crate) fn create(path: &Path, mode: u32) -> Result<File, StoreError> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path).on("make", path)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|folder| folder.sync_all()).on("sync", path)
}

/// Makes all that was written to this folder's file system durable: one call instead of one for each file.
pub(crate) fn sync_file_system(path: &Path) -> Result<(), StoreError> {
    let folder = File::open(path).on("open", path)?;
    rustix::fs::syncfs(&folder).on("sync", path)
}

/// Sets a mode, whatever the umask.
pub(crate) fn set_mode(path: &Path, mode: u32) -> Result<(), StoreError> {
    fs::set_permissions(path, Permissions::from_mode(mode)).on("set the mode of", path)
}

/// Reads a small file of ours.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, StoreError> {
    fs::read(path).on("read", path)
}

/// Whether something is there, a broken link included.
pub(crate) fn exists(path: &Path) -> Result<bool, StoreError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).on("look at", path),
    }
}

/// Removes a folder with all that is in it, also where folders in it are not writable. Nothing there is fine.
pub(crate) fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            open_up(path)?;
            fs::remove_dir_all(path)
        }
        result => result,
    }
}

fn open_up(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}

/// Bytes and inodes that are free for us on a folder's file system; `None` where it does not count inodes.
pub(crate) fn free(path: &Path) -> Result<(u64, Option<u64>), StoreError> {
    let stat = rustix::fs::statvfs(path).on("look at the file system of", path)?;
    let inodes = (stat.f_files > 0).then_some(stat.f_favail);
    Ok((stat.f_bavail.saturating_mul(stat.f_frsize), inodes))
}

/// Random hex digits for a name that nobody else uses.
pub(crate) fn random_name() -> Result<String, StoreError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| io::Error::other(error.to_string()))
        .on("read", Path::new("the system's random numbers"))?;
    Ok(format!("{:016x}", u64::from_ne_bytes(bytes)))
}
