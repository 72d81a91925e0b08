//! What is found: a key that the code reads, where, and what happens when the key is missing.

use serde::Serialize;
use sternway_core::finding::Place;

/// One place at which the code reads configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Read {
    /// Which key.
    pub key: Key,
    /// Where the reading expression begins: path relative to the root, line and column in characters from 1.
    pub place: Place,
    /// By which means, as people write it: `getenv()`, `process.env`.
    pub how: &'static str,
    /// What the code does without the key.
    pub has_default: Fallback,
    /// Without the key the read itself fails, or the code ends there because of it. What is neither required nor has a default
    /// goes on with nothing (`undefined`, `false`, `None`).
    pub required: bool,
    /// The code itself sets this key before it reads it here, in the same file.
    pub set_by_code: bool,
    /// Whose code it is.
    pub origin: Origin,
}

impl Read {
    /// Whether production must have the key for this read to get a value: a named key, without default, not asked for and not set by the
    /// code itself, and no matter of the operating system.
    pub fn needs_value(&self) -> bool {
        let Key::Named(name) = &self.key else { return false };
        self.has_default == Fallback::None && !self.set_by_code && !is_of_the_system(name)
    }
}

/// A key as far as the code names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// By name.
    Named(String),
    /// By a name that begins like this and is completed while the program runs.
    Pattern {
        /// The part that is known.
        prefix: String,
    },
    /// By a name that only the running program knows, or all keys at once.
    Computed,
}

/// What the code does when the key is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// Nothing: it fails, or goes on with no value.
    None,
    /// It takes a literal. Only its shape is kept: the text may be a secret.
    Literal(Shape),
    /// It takes what an expression gives.
    Expression,
    /// It asks whether the key is there, or says that it may be missing.
    Guarded,
    /// It only compares the value with literals, so that a missing key reads as "another one".
    Compared,
}

/// What a literal looks like, without saying what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// `''`
    Empty,
    /// `null`, `None`, `undefined`
    Null,
    /// `true`, `'false'`
    Boolean,
    /// `3000`, `'3000'`
    Number,
    /// Text with `://` in it.
    Url,
    /// Any other text.
    Text,
    /// A list, map or tuple.
    Collection,
}

impl Shape {
    /// The shape of a text. Words for numbers and truth count as such, because configuration is text.
    pub(crate) fn of_text(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() {
            Self::Empty
        } else if ["true", "false", "yes", "no", "on", "off"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
            Self::Boolean
        } else if text.parse::<f64>().is_ok_and(f64::is_finite) {
            Self::Number
        } else if text.contains("://") {
            Self::Url
        } else {
            Self::Text
        }
    }
}

/// Whose code reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The project's own.
    Own,
    /// A package in vendor/, node_modules/ or a virtual environment: worth a note, since most of what packages can read nobody uses.
    Dependency,
    /// Tests: production never runs them.
    Test,
}

/// A place at which the code sets a key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Write {
    /// Which key.
    pub key: String,
    /// Where.
    pub place: Place,
    /// Whose code it is.
    pub origin: Origin,
}

/// A file that was not read, or not understood as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unparsed {
    /// Path relative to the root.
    pub file: String,
    /// One sentence without the file's text.
    pub why: String,
    /// Whether the reads of the parts that were understood are in the set all the same.
    pub partly: bool,
}

/// All that a folder's code reads.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ReadSet {
    /// Reads by place.
    pub reads: Vec<Read>,
    /// Where the code sets keys itself, by place.
    pub writes: Vec<Write>,
    /// What could not be read in whole or in part. While this is not empty, "nothing reads this key" is not certain.
    pub unparsed: Vec<Unparsed>,
    /// Files of a known language that were looked at.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many of the files had to be parsed: the others hold no word without which nothing reads the environment.
    pub parsed: u64,
}

/// Keys that the operating system, the shell or the session gives to every process, and that no configuration file needs to have.
/// POSIX.1-2024 chapter 8 "Environment Variables", the XDG base directories, and what npm and CI systems set.
pub fn is_of_the_system(key: &str) -> bool {
    const NAMES: &[&str] = &[
        "APPDATA",
        "CI",
        "COLORTERM",
        "COLUMNS",
        "COMSPEC",
        "DISPLAY",
        "EDITOR",
        "FORCE_COLOR",
        "GITHUB_ACTIONS",
        "HOME",
        "HOMEDRIVE",
        "HOMEPATH",
        "HOSTNAME",
        "LANG",
        "LANGUAGE",
        "LINES",
        "LOCALAPPDATA",
        "LOGNAME",
        "NO_COLOR",
        "OLDPWD",
        "OS",
        "PAGER",
        "PATH",
        "PATHEXT",
        "PROGRAMDATA",
        "PROGRAMFILES",
        "PWD",
        "SHELL",
        "SHLVL",
        "SYSTEMROOT",
        "TEMP",
        "TERM",
        "TERM_PROGRAM",
        "TMP",
        "TMPDIR",
        "USER",
        "USERNAME",
        "USERPROFILE",
        "VISUAL",
        "WINDIR",
    ];
    const PREFIXES: &[&str] = &["LC_", "XDG_", "npm_", "SSH_"];
    NAMES.contains(&key) || PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}
