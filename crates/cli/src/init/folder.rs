//! Reading a project's folder, within bounds.

use std::io::Read as _;
use std::path::{Path, PathBuf};

/// No manifest is longer; a file that is longer is no manifest.
const LONGEST: u64 = 1 << 20;

/// A folder of the project, looked at and never changed.
pub(super) struct Folder {
    dir: PathBuf,
}

impl Folder {
    pub(super) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// The folder's own name, even when it was given as `.`.
    pub(super) fn name(&self) -> String {
        let full = self.dir.canonicalize().unwrap_or_else(|_| self.dir.clone());
        full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    pub(super) fn sub(&self, name: &str) -> Self {
        Self { dir: self.dir.join(name) }
    }

    pub(super) fn is_file(&self, name: &str) -> bool {
        self.dir.join(name).is_file()
    }

    pub(super) fn is_dir(&self, name: &str) -> bool {
        self.dir.join(name).is_dir()
    }

    /// The text of a file, if it is there and text of a reasonable length.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let path = self.dir.join(name);
        if !path.is_file() {
            return None;
        }
        let mut text = String::new();
        let file = std::fs::File::open(path).ok()?;
        file.take(LONGEST + 1).read_to_string(&mut text).ok()?;
        (text.len() as u64 <= LONGEST).then_some(text)
    }

    /// A JSON file; what is wrong with it goes to `warnings`.
    pub(super) fn json(&self, name: &str, warnings: &mut Vec<String>) -> Option<serde_json::Value> {
        let text = self.text(name)?;
        serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .inspect_err(|error| warnings.push(format!("{name} is not JSON and was passed over: {error}")))
            .ok()
    }

    /// A TOML file; what is wrong with it goes to `warnings`.
    pub(super) fn toml(&self, name: &str, warnings: &mut Vec<String>) -> Option<toml::Table> {
        let read = self.text(name)?.parse::<toml::Table>();
        read.inspect_err(|error| warnings.push(format!("{name} is not TOML and was passed over: {}", error.message())))
            .ok()
    }

    /// Names of the visible folders within, sorted.
    pub(super) fn folders(&self) -> Vec<String> {
        self.entries(Path::is_dir)
    }

    /// Names of the files within, sorted.
    pub(super) fn files(&self) -> Vec<String> {
        self.entries(Path::is_file)
    }

    fn entries(&self, wanted: impl Fn(&Path) -> bool) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.dir) else { return Vec::new() };
        // More than this is no source folder, and nobody reads a draft of a thousand services.
        let entries = entries.filter_map(Result::ok).take(10_000);
        let mut names: Vec<String> = entries
            .filter(|entry| wanted(&entry.path()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }
}
