//! SQLite: which file it is, and whether it is a database. Only its first bytes are read: SQLite itself, even when it opens a file to read,
//! may create the `-shm` beside it, and then the service could find one that it may not write.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;

use sternway_config::stores::{Connection, Endpoint, Remark};

use crate::ask::{Identity, Proven};
use crate::failing::Failing;

/// <https://www.sqlite.org/fileformat.html>, "The Database Header".
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

pub(crate) fn ask(connection: &Connection) -> Result<Proven, Failing> {
    let path = match connection.endpoints.value().map(|endpoints| endpoints.list.as_slice()) {
        Some([Endpoint::File(path)]) => path,
        Some([Endpoint::Memory]) => return Err(Failing::unknown("it is in the memory of the process")),
        _ => return Err(Failing::unknown("which file it is cannot be told from the text alone")),
    };
    if connection.remarks.contains(&Remark::RelativePath) || !path.starts_with('/') {
        return Err(Failing::unknown("its path is relative to where the service runs"));
    }
    let kind = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Failing::Database("the file is not there"),
        io::ErrorKind::PermissionDenied => Failing::unknown("the file may not be read by who types this command"),
        kind => Failing::unknown(format!("the file cannot be read: {kind}")),
    };
    // Opening a pipe would wait for its other end.
    if !std::fs::metadata(path).map_err(kind)?.is_file() {
        return Err(Failing::Strange("there is something at its path that is no file"));
    }
    let mut file = File::open(path).map_err(kind)?;
    let seen = file.metadata().map_err(kind)?;
    let mut head = [0; 16];
    match file.read_exact(&mut head) {
        // SQLite takes an empty file for an empty database.
        Err(_) if seen.len() == 0 => {}
        Ok(()) if head == *MAGIC => {}
        _ => return Err(Failing::Strange("the file is no SQLite database")),
    }
    Ok(Proven {
        identity: Some(Identity::of("file", &[&seen.dev().to_string(), &seen.ino().to_string()])),
        lacking: None,
    })
}
