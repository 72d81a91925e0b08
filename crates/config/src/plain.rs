//! Plain files, read without ever waiting: a FIFO has no end until somebody writes to it, and a device may have none at all.

use std::fs::{File, FileType};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

/// Reads at most `most` bytes of a file; links are followed.
///
/// # Errors
/// Those of the system, and [`io::ErrorKind::InvalidInput`] with what it is instead, when it is no plain file.
pub fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    // Opening alone does something to a device, such as a watchdog.
    is_file(path.metadata()?.file_type())?;
    // Should it have become a FIFO since: not to wait for a writer. Of a plain file it changes nothing (open(2)).
    let flags = OFlags::NONBLOCK.union(OFlags::NOCTTY).bits();
    let file = File::options().read(true).custom_flags(i32::try_from(flags).unwrap_or_default()).open(path)?;
    is_file(file.metadata()?.file_type())?;
    let mut bytes = Vec::new();
    file.take(u64::try_from(most).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_file(kind: FileType) -> io::Result<()> {
    let what = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "it is a folder"
    } else if kind.is_fifo() {
        "it is a FIFO, which ends when its writer says so"
    } else if kind.is_socket() {
        "it is a socket"
    } else {
        "it is a device"
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn what_is_no_file_is_told_without_waiting_for_it() {
        let folder = std::env::temp_dir().join(format!("sternway-plain-{}", std::process::id()));
        std::fs::create_dir(&folder).expect("it is not there");
        let (fifo, socket, file) = (folder.join("fifo"), folder.join("socket"), folder.join("file"));
        rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RUSR).expect("a FIFO");
        let _listener = UnixListener::bind(&socket).expect("a socket");
        std::fs::write(&file, "abcdef").expect("a file");
        std::os::unix::fs::symlink(&fifo, folder.join("link")).expect("a link");
        let said = |name: &str| match read(&folder.join(name), 4) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => error.to_string(),
        };
        assert!(said("fifo").contains("FIFO") && said("link").contains("FIFO"));
        assert!(said("socket").contains("socket") && said(".").contains("folder"));
        assert!(said("/dev/zero").contains("device") && said("/dev/null").contains("device"));
        assert_eq!(said("file"), "abcd", "no more than was asked for");
        std::fs::remove_dir_all(&folder).expect("it was ours");
    }
}
