//! What was seen, by content: what did not change is not parsed again.
//!
//! One file for each folder that is scanned and each question. Its first line names what it was made by; each other line holds the digest of
//! a file's content, a checksum, and what was seen in it. Whatever does not fit is as if it were not there.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use sha2::{Digest as _, Sha256};

use crate::facts::{Facts, hash_of_bytes};
use crate::seen::Seen;
use crate::settle::Question;
use crate::walk::FileKind;

/// Changes when what is seen in the same text changes: with the rules.
const RULES: u32 = 1;

/// A digest of a file's content.
pub(crate) type Key = [u8; 32];

/// The cache of one folder and one question.
pub(crate) struct Cache {
    path: PathBuf,
    head: String,
    text: String,
    /// Where in the text a content's line stands.
    known: HashMap<Key, (usize, usize)>,
    /// The lines of this scan.
    now: Mutex<HashMap<Key, String>>,
}

impl Cache {
    /// Opens the cache, which may be empty.
    pub(crate) fn open(folder: &Path, root: &Path, facts: &Facts<'_>, question: Question) -> Self {
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let source = question.source.map_or_else(|| "-".to_owned(), |version| version.to_string());
        let about = format!("{} {} {source}", root.display(), question.target);
        let head = format!(
            "sternway-compat {} rules {RULES} facts {:016x} for {} from {source}",
            env!("CARGO_PKG_VERSION"),
            facts.digest(),
            question.target
        );
        let path = folder.join(format!("{}.seen", &hex(&Sha256::digest(about.as_bytes()))[..32]));
        let text = fs::read_to_string(&path).unwrap_or_default();
        let text = if text.lines().next() == Some(head.as_str()) { text } else { String::new() };
        let mut known = HashMap::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let end = start + line.len();
            if let Some(key) = line.get(..64).and_then(unhex) {
                known.insert(key, (start, end));
            }
            start = end;
        }
        Self { path, head, text, known, now: Mutex::new(HashMap::new()) }
    }

    /// The digest of a file's content, as what kind of file it is looked at.
    pub(crate) fn digest(bytes: &[u8], kind: FileKind) -> Key {
        let mut hasher = Sha256::new();
        hasher.update([kind as u8]);
        hasher.update(bytes);
        hasher.finalize().into()
    }

    /// What was seen in this content.
    pub(crate) fn get(&self, key: &Key) -> Option<Seen> {
        let (start, end) = *self.known.get(key)?;
        let line = self.text.get(start..end)?;
        let (sum, json) = line.get(65..)?.trim_end_matches('\n').split_once(' ')?;
        if sum != format!("{:016x}", hash_of_bytes(json.as_bytes())) {
            return None;
        }
        let seen = serde_json::from_str(json).ok()?;
        self.keep(*key, line.to_owned());
        Some(seen)
    }

    /// Keeps what was seen.
    pub(crate) fn put(&self, key: Key, seen: &Seen) {
        if let Ok(json) = serde_json::to_string(seen) {
            self.keep(key, format!("{} {:016x} {json}\n", hex(&key), hash_of_bytes(json.as_bytes())));
        }
    }

    fn keep(&self, key: Key, line: String) {
        if let Ok(mut now) = self.now.lock() {
            now.insert(key, line);
        }
    }

    /// Writes what this scan saw, unless all of it is known already.
    pub(crate) fn write(self) -> io::Result<()> {
        let now = self.now.into_inner().unwrap_or_default();
        if now.len() == self.known.len() && now.keys().all(|key| self.known.contains_key(key)) {
            return Ok(());
        }
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut text = format!("{}\n", self.head);
        for line in now.values() {
            text.push_str(line);
        }
        let beside = self.path.with_extension(format!("{}.new", std::process::id()));
        fs::write(&beside, text)?;
        fs::rename(beside, self.path)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _infallible = write!(out, "{byte:02x}");
        out
    })
}

fn unhex(text: &str) -> Option<Key> {
    let mut key = [0; 32];
    for (place, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    Some(key)
}
