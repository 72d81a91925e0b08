//! A checkpoint: what somebody folded from the entries up to one of them, kept in a file beside the logbook so that not everybody has
//! to fold them again.
//!
//! It is a cache and never a second truth. The file is a line of JSON, the [`Header`], and the body, which the logbook does not look
//! into. It is believed when it is whole (the body's SHA-256), folded by the same program in the same format, its file is the
//! logbook's owner's own, and the entry that it names has the hash in the logbook that it names; otherwise it is as if there were none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use rustix::fs::{FlockOperation, OFlags, flock};
use serde::{Deserialize, Serialize};
use sternway_core::digest::Digest;

use crate::error::LogbookError;
use crate::logbook::Logbook;
use crate::record::{Head, Record};

/// Format of the file.
const FORMAT: u32 = 1;

/// Room that must be left over on the disk: a cache takes none from the entries of a rollback.
const MARGIN: u64 = 64 << 20;

/// A header is never longer.
const LONGEST_HEADER: usize = 1024;

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    checkpoint: u32,
    /// What the body is, and whose fold it was.
    of: String,
    /// The last entry that was folded.
    head: Head,
    /// The body's digest.
    body: Digest,
}

/// What was folded from the entries up to one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// That entry.
    pub seq: u64,
    /// What was kept.
    pub body: Vec<u8>,
}

impl Logbook {
    /// What was last kept under this name, if it can be believed.
    pub fn checkpoint(&self, of: &str) -> Option<Checkpoint> {
        let bytes = read_own(&self.checkpoint_path(), self.path()).ok()?;
        let end = bytes.iter().take(LONGEST_HEADER).position(|byte| *byte == b'\n')?;
        let header: Header = serde_json::from_slice(&bytes[..end]).ok()?;
        if header.checkpoint != FORMAT || header.of != of || self.named(header.head.seq)? != header.head {
            return None;
        }
        let mut body = bytes;
        body.drain(..=end);
        (digest_of(&body) == header.body).then_some(Checkpoint { seq: header.head.seq, body })
    }

    /// Keeps what was folded from the entries up to `seq`, in place of what was kept before. `false` when it was not kept: there is
    /// too little room, somebody else is at it, or the disk failed. What was kept before is still there then, whole.
    pub fn keep_checkpoint(&self, of: &str, seq: u64, body: &[u8]) -> bool {
        let Some(head) = self.named(seq) else { return false };
        let header = Header { checkpoint: FORMAT, of: of.to_owned(), head, body: digest_of(body) };
        let Ok(mut header) = serde_json::to_vec(&header) else { return false };
        header.push(b'\n');
        let size = u64::try_from(header.len() + body.len()).unwrap_or(u64::MAX);
        self.shared.reserve.leaves_room_for(size.saturating_add(MARGIN))
            && replace(&self.checkpoint_path(), &[&header, body]).is_ok()
    }

    /// Where it is kept.
    pub fn checkpoint_path(&self) -> PathBuf {
        let mut name = self.path().as_os_str().to_owned();
        name.push("-checkpoint");
        PathBuf::from(name)
    }

    /// The entry's place and hash, as they stand in the logbook.
    fn named(&self, seq: u64) -> Option<Head> {
        let found = self.read(seq.checked_sub(1)?, 1).ok()?;
        found.first().map(Record::head).filter(|head| head.seq == seq)
    }
}

fn digest_of(body: &[u8]) -> Digest {
    Digest::from_bytes(digest(&SHA256, body).as_ref())
}

/// The file's bytes, if it belongs to the logbook's owner and nobody else may write to it.
fn read_own(path: &Path, logbook: &Path) -> Result<Vec<u8>, LogbookError> {
    let failed = |source| LogbookError::Io { what: "read", path: path.to_owned(), source };
    let flags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits().cast_signed();
    let mut file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(failed)?;
    let (found, owner) = (file.metadata().map_err(failed)?, fs::metadata(logbook).map_err(failed)?.uid());
    if !found.is_file() || found.uid() != owner || found.mode() & 0o022 != 0 {
        return Err(failed(io::ErrorKind::PermissionDenied.into()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default());
    file.read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Writes beside, then renames. Nothing is synced: what a power cut tears is found by its digest, and appends must not wait for it.
fn replace(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&beside)?;
    // One writer at a time; what one that was killed left behind is written over.
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    if !is_still(&file, &beside)? {
        // Another writer renamed it before this one had the lock.
        return Err(io::ErrorKind::WouldBlock.into());
    }
    let written = fill(&mut file, parts).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _best_effort = fs::remove_file(&beside);
    }
    written
}

fn is_still(file: &File, path: &Path) -> io::Result<bool> {
    let (one, other) = (file.metadata()?, fs::symlink_metadata(path)?);
    Ok(one.dev() == other.dev() && one.ino() == other.ino())
}

fn fill(file: &mut File, parts: &[&[u8]]) -> io::Result<()> {
    file.set_len(0)?;
    parts.iter().try_for_each(|part| file.write_all(part))
}
