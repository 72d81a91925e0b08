//! Keyed fingerprints of values: whether two are the same can be told without either, and only within one project.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::resolve::{Resolved, Value};

const FORMAT: u32 = 1;

/// What is digested begins with this, so that the key serves nothing else by accident.
const DOMAIN: &[u8] = b"sternway configuration value 1";

/// The same for a component of a value, whatever its key is called.
const COMPONENT: &[u8] = b"sternway configuration component 1";

/// The same for the name of a key.
const NAME: &[u8] = b"sternway fingerprint key 1";

/// The key of a project's fingerprints: 32 random bytes.
#[derive(Clone)]
pub struct FingerprintKey([u8; 32]);

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(***)")
    }
}

/// The key's file.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    format: u32,
    written_by: String,
    /// 64 hex digits.
    key: String,
}

/// Why there is no key. Holds paths only.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The operating system refused.
    #[error("cannot {doing} the fingerprint key {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Others than the owner can read or change it.
    #[error("the fingerprint key {} has mode {mode:o}: others can read or change it", path.display())]
    Exposed {
        /// Where it is.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is not what was written.
    #[error("the fingerprint key {} is damaged", path.display())]
    Damaged {
        /// Where it is.
        path: PathBuf,
    },
    /// A newer version wrote it.
    #[error("the fingerprint key {} has format {format}, this version reads up to {FORMAT}", path.display())]
    Newer {
        /// Where it is.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
}

impl KeyError {
    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Io { path, .. } => format!("see that {} can be written to by this user", path.display()),
            Self::Exposed { path, .. } => format!("chmod 600 {}", path.display()),
            Self::Damaged { path } => format!(
                "restore {} from a backup; or delete it: the next release then shows every key as changed",
                path.display()
            ),
            Self::Newer { .. } => "use the newer `sternway`".to_owned(),
        }
    }
}

impl FingerprintKey {
    /// The key in this file, as it must be: for its owner only.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let file = File::open(path).map_err(|source| KeyError::Io { doing: "read", path: path.to_owned(), source })?;
        Self::load(path, file)
    }

    /// Writes it to a new file, 0600, complete or not at all. What is there already is left as it is, and is an error.
    pub fn write(&self, path: &Path) -> Result<(), KeyError> {
        write_beside(path, &self.0, |temp| fs::hard_link(temp, path)).map_err(|source| KeyError::Io {
            doing: "write",
            path: path.to_owned(),
            source,
        })
    }

    /// The key in this file; a missing one is made, mode 0600, complete or not at all. Of several processes that make it at once
    /// all get the same. A key that others can read is refused: with it, a short value can be found out by trying.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        match File::open(path) {
            Ok(file) => Self::load(path, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create(path).map_err(|source| KeyError::Io { doing: "make", path: path.to_owned(), source })?;
                let file =
                    File::open(path).map_err(|source| KeyError::Io { doing: "read", path: path.to_owned(), source })?;
                Self::load(path, file)
            }
            Err(source) => Err(KeyError::Io { doing: "read", path: path.to_owned(), source }),
        }
    }

    fn load(path: &Path, mut file: File) -> Result<Self, KeyError> {
        let failed = |source| KeyError::Io { doing: "read", path: path.to_owned(), source };
        let about = file.metadata().map_err(failed)?;
        let mode = about.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed { path: path.to_owned(), mode });
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(failed)?;
        let damaged = || KeyError::Damaged { path: path.to_owned() };
        // The source is dropped on purpose: serde's messages quote what they read.
        let read: KeyFile = serde_json::from_slice(&text).map_err(|_| damaged())?;
        if read.format > FORMAT {
            return Err(KeyError::Newer { path: path.to_owned(), format: read.format });
        }
        from_hex(&read.key).map(Self).ok_or_else(damaged)
    }

    /// The fingerprint of a key's value: `hmac:` and 32 hex digits, the first half of an HMAC-SHA256 (RFC 2104). The same value under
    /// two keys has two fingerprints; the same key in two environments has one when the values are the same.
    pub fn of(&self, key: &str, value: &str) -> String {
        // A key holds no NUL, so that no two pairs give the same bytes.
        self.digest(&[DOMAIN, b"\0", key.as_bytes(), b"\0", value.as_bytes()])
    }

    /// The fingerprint of one component of a value, such as `password` or `host`, so that two can be compared whatever their keys are
    /// called. The same text as another component has another fingerprint.
    pub fn of_component(&self, component: &str, text: &str) -> Print {
        Print(self.digest(&[COMPONENT, b"\0", component.as_bytes(), b"\0", text.as_bytes()]))
    }

    /// Says which key it is, and nothing about it: fingerprints can be compared when they were made with one of the same name.
    pub fn name(&self) -> Print {
        Print(self.digest(&[NAME]))
    }

    fn digest(&self, parts: &[&[u8]]) -> String {
        // RFC 2104 fills a short key up to the block with zeros.
        let mut block = [0; 64];
        block[..self.0.len()].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        for part in parts {
            mac.update(part);
        }
        format!("hmac:{}", to_hex(&mac.finalize().into_bytes()[..16]))
    }

    /// The fingerprints of all values that are known.
    pub fn of_all(&self, resolved: &Resolved) -> BTreeMap<String, String> {
        let known = |(key, value): (&String, &Value)| Some((key.clone(), self.of(key, value.text()?.reveal())));
        resolved.values.iter().filter_map(known).collect()
    }
}

/// Writes a new key beside its place, then links it there unless another process was faster.
fn create(path: &Path) -> io::Result<()> {
    let mut key = [0; 32];
    random(&mut key)?;
    write_beside(path, &key, |temp| match fs::hard_link(temp, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    })
}

fn random(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()))
}

/// Writes a key to a new file, which `place` then gives its name.
fn write_beside(path: &Path, key: &[u8; 32], place: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let mut tag = [0; 8];
    random(&mut tag)?;
    let written_by = concat!("sternway ", env!("CARGO_PKG_VERSION")).to_owned();
    let text = serde_json::to_vec(&KeyFile { format: FORMAT, written_by, key: to_hex(key) })?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".tmp-{}", to_hex(&tag)));
    let temp = path.with_file_name(name);
    let made = write_new(&temp, &text).and_then(|()| place(&temp));
    let removed = fs::remove_file(&temp);
    made?;
    removed?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A fingerprint: `hmac:` and 32 hex digits, and nothing else, also when it was read from a file that somebody else wrote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Print(String);

/// A text is no fingerprint. It is not quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is `hmac:` and 32 hex digits")]
pub struct InvalidPrint;

impl TryFrom<String> for Print {
    type Error = InvalidPrint;
    fn try_from(text: String) -> Result<Self, InvalidPrint> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let valid = text.strip_prefix("hmac:").is_some_and(|hex| hex.len() == 32 && hex.bytes().all(is_digit));
        if valid { Ok(Self(text)) } else { Err(InvalidPrint) }
    }
}

impl From<Print> for String {
    fn from(print: Print) -> Self {
        print.0
    }
}

impl AsRef<str> for Print {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let bytes = text.as_bytes();
    if bytes.len() != 64 || !bytes.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut key = [0; 32];
    for (byte, digits) in key.iter_mut().zip(bytes.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(key)
}
