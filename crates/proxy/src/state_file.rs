//! What the proxy must know after a restart, in a file that is whole or refused.
//!
//! Two lines: a head that says what the file is, which program wrote it and the digest of the body; and the body. A new version is
//! written beside the old one, synced and renamed; the one before stays as `NAME.1`. A file that is torn or of another program,
//! environment or later version is put aside as `NAME.refused`, and the one before is used.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sternway_core::ids::{Epoch, ReleaseNumber};

use crate::canary::Plan;
use crate::protocol::Table;
use crate::record::Slice;

/// Version of both files; earlier ones are read too.
const VERSION: u32 = 1;
/// The routing and what fences it.
pub(crate) const STATE: &str = "state.json";
/// The record of the current releases; lost without harm.
pub(crate) const RECORD: &str = "record.json";

/// The routing and what fences it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// Greatest epoch seen.
    pub(crate) epoch: Epoch,
    /// Where the proxy listens; stays when the table is withdrawn.
    pub(crate) listen: Option<String>,
    pub(crate) table: Option<Table>,
    pub(crate) canary: Option<Plan>,
    /// The greatest head of the logbook seen.
    pub(crate) witness: Option<(u64, String)>,
}

impl Default for Saved {
    fn default() -> Self {
        Self { epoch: Epoch(0), listen: None, table: None, canary: None, witness: None }
    }
}

/// The records of the current releases.
pub(crate) type Records = Vec<(ReleaseNumber, Vec<Slice>)>;

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    sternway_proxy: u32,
    written_by: String,
    environment: String,
    sha256: String,
}

fn digest(body: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(body.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Writes a file anew; after a crash at any moment the old or the new one is there, whole.
pub(crate) fn save<T: Serialize>(folder: &Path, name: &str, environment: &str, value: &T) -> io::Result<()> {
    let body = serde_json::to_string(value)?;
    let head = Head {
        sternway_proxy: VERSION,
        written_by: env!("CARGO_PKG_VERSION").to_owned(),
        environment: environment.to_owned(),
        sha256: digest(&body),
    };
    let [path, new, link, before] = ["", ".new", ".link", ".1"].map(|end| folder.join(format!("{name}{end}")));
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    writeln!(file, "{}\n{body}", serde_json::to_string(&head)?)?;
    file.sync_all()?;
    // A second name for the old version first, so that at no moment there is none.
    let _ = fs::remove_file(&link);
    match fs::hard_link(&path, &link) {
        Ok(()) => fs::rename(&link, &before)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    fs::rename(&new, &path)?;
    File::open(folder)?.sync_all()
}

/// Why a file was refused.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("it is not a state file of the proxy")]
    Foreign,
    #[error("it was written by version {0}, which this version does not know")]
    Later(String),
    #[error("it belongs to the environment `{0}`")]
    Elsewhere(String),
    #[error("it is torn or was changed")]
    Torn,
}

/// The head of the logbook that the proxy with this state folder was shown last, also while it does not run; `None` when it was shown
/// none, or when neither of its files can be believed.
pub fn witness_on_disk(folder: &Path, environment: &str) -> Option<(u64, String)> {
    let files = [STATE.to_owned(), format!("{STATE}.1")];
    files.iter().find_map(|name| read::<Saved>(&folder.join(name), environment).ok())?.witness
}

fn read<T: DeserializeOwned>(path: &Path, environment: &str) -> Result<T, Refused> {
    let text = String::from_utf8(fs::read(path)?).map_err(|_| Refused::Foreign)?;
    let (head, body) = text.split_once('\n').ok_or(Refused::Foreign)?;
    let head: Head = serde_json::from_str(head).map_err(|_| Refused::Foreign)?;
    let body = body.strip_suffix('\n').ok_or(Refused::Torn)?;
    if head.sternway_proxy > VERSION {
        return Err(Refused::Later(head.written_by));
    }
    if head.environment != environment {
        return Err(Refused::Elsewhere(head.environment));
    }
    if head.sha256 != digest(body) {
        return Err(Refused::Torn);
    }
    serde_json::from_str(body).map_err(|_| Refused::Torn)
}

/// Reads a file, or the version before it when it is refused; with a warning then. Neither there is no reason to warn.
pub(crate) fn load<T: DeserializeOwned>(folder: &Path, name: &str, environment: &str) -> (Option<T>, Option<String>) {
    let path = folder.join(name);
    let before = folder.join(format!("{name}.1"));
    let why = match read(&path, environment) {
        Ok(value) => return (Some(value), None),
        Err(Refused::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => {
            if !before.exists() {
                return (None, None);
            }
            Refused::Unreadable(error)
        }
        Err(why) => {
            put_aside(&path);
            why
        }
    };
    let warning = |used: &str| Some(format!("{} was refused: {why}; {used}", path.display()));
    match read(&before, environment) {
        Ok(value) => (Some(value), warning("the version before it is used")),
        Err(_) => (None, warning("there is no good version before it, nothing is routed until the next switch")),
    }
}

fn put_aside(path: &Path) {
    let mut aside = path.to_owned().into_os_string();
    aside.push(".refused");
    let _ = fs::rename(path, PathBuf::from(aside));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(epoch: u64) -> Saved {
        Saved { epoch: Epoch(epoch), listen: Some("127.0.0.1:1".to_owned()), ..Saved::default() }
    }

    fn folder_with(epochs: &[u64]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for epoch in epochs {
            save(folder.path(), STATE, "e", &saved(*epoch)).unwrap();
        }
        folder
    }

    #[test]
    fn a_file_cut_at_any_byte_is_refused_and_the_one_before_is_used() {
        let whole = folder_with(&[1, 2]);
        let [newest, before] = [STATE, "state.json.1"].map(|name| fs::read(whole.path().join(name)).unwrap());
        for cut in 0..newest.len() {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(STATE), &newest[..cut]).unwrap();
            fs::write(folder.path().join("state.json.1"), &before).unwrap();
            let (loaded, warning) = load::<Saved>(folder.path(), STATE, "e");
            assert_eq!(loaded, Some(saved(1)), "cut at {cut}");
            assert!(warning.unwrap().contains("refused"), "cut at {cut}");
            assert!(!folder.path().join(STATE).exists(), "cut at {cut}");
        }
    }

    #[test]
    fn the_good_version_outlives_a_refused_one() {
        let folder = folder_with(&[1, 2]);
        fs::write(folder.path().join(STATE), "torn").unwrap();
        load::<Saved>(folder.path(), STATE, "e");
        save(folder.path(), STATE, "e", &saved(3)).unwrap();
        assert_eq!(read::<Saved>(&folder.path().join("state.json.1"), "e").unwrap(), saved(1));
        assert_eq!(load(folder.path(), STATE, "e"), (Some(saved(3)), None));
    }

    #[test]
    fn a_changed_or_foreign_file_is_refused() {
        for text in ["", "{}\n{}\n", "#!/bin/sh\nexit\n", "\u{fffd}"] {
            let folder = folder_with(&[1, 2]);
            fs::write(folder.path().join(STATE), text).unwrap();
            assert_eq!(load::<Saved>(folder.path(), STATE, "e").0, Some(saved(1)), "{text}");
        }
        let folder = folder_with(&[1, 2]);
        let text = fs::read_to_string(folder.path().join(STATE)).unwrap().replace("127.0.0.1:1", "127.0.0.1:2");
        fs::write(folder.path().join(STATE), text).unwrap();
        assert_eq!(load::<Saved>(folder.path(), STATE, "e").0, Some(saved(1)));
        let (loaded, warning) = load::<Saved>(folder_with(&[1, 2]).path(), STATE, "other");
        assert_eq!(loaded, None);
        assert!(warning.unwrap().contains("environment `e`"));
    }

    #[test]
    fn nothing_there_is_no_reason_to_warn() {
        assert_eq!(load::<Saved>(tempfile::tempdir().unwrap().path(), STATE, "e"), (None, None));
    }
}
