//! Runs the real program on changed projects.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::super::Outcome;
use super::case::Case;
use super::layout::Layout;

/// An error or a warning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) code: String,
    pub(super) subject: String,
    pub(super) message: String,
    /// Files, relative to the project, with lines.
    pub(super) places: Vec<(String, u32)>,
}

/// A copy of a layout that is changed and put right again, with what is found when nothing is changed.
pub(super) struct Bench<'a> {
    layout: &'a Layout,
    sternway: PathBuf,
    folder: TempDir,
    usual: BTreeMap<(String, String, String), usize>,
}

/// Memory is faster than a disk, and nothing here outlives the run.
pub(super) fn scratch() -> Outcome<TempDir> {
    let memory = Path::new("/dev/shm");
    let builder = tempfile::Builder::new().prefix("sternway-bench-").to_owned();
    Ok(if memory.is_dir() { builder.tempdir_in(memory)? } else { builder.tempdir()? })
}

impl<'a> Bench<'a> {
    /// Lays the layout out and looks at it once.
    pub(super) fn set(layout: &'a Layout, sternway: &Path) -> Outcome<Self> {
        let folder = scratch()?;
        let mut bench = Self { layout, sternway: sternway.to_owned(), folder, usual: BTreeMap::new() };
        for (path, text) in &layout.files {
            bench.write(path, Some(text))?;
        }
        for found in bench.check()? {
            *bench.usual.entry(identity(&found)).or_default() += 1;
        }
        Ok(bench)
    }

    /// The folder of the project.
    pub(super) fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    fn write(&self, path: &str, text: Option<&String>) -> Outcome<()> {
        let file = self.project().join(path);
        match text {
            Some(text) => {
                if let Some(folder) = file.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::write(file, text)?;
            }
            None => fs::remove_file(file)?,
        }
        Ok(())
    }

    /// Makes the change and runs `look`, then puts everything right again.
    pub(super) fn changed<T>(&self, case: &Case, look: impl FnOnce(&Self) -> Outcome<T>) -> Outcome<T> {
        for (path, text) in &case.files {
            self.write(path, text.as_ref())?;
        }
        let seen = look(self);
        for path in case.files.keys() {
            self.write(path, self.layout.files.get(path))?;
        }
        seen
    }

    /// What is found that is not found in the project as it is.
    pub(super) fn news(&self) -> Outcome<Vec<Found>> {
        let mut usual = self.usual.clone();
        let mut news = self.check()?;
        news.retain(|found| match usual.get_mut(&identity(found)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        Ok(news)
    }

    fn check(&self) -> Outcome<Vec<Found>> {
        let output = Command::new(&self.sternway)
            .args(["check", &self.layout.production().name, "--format", "json", "--project"])
            .arg(self.project())
            .arg("--state")
            .arg(self.folder.path().join("state"))
            .stdin(Stdio::null())
            .output()?;
        let told: Value = serde_json::from_slice(&output.stdout).map_err(|error| {
            format!("sternway check did not answer ({error}): {}", String::from_utf8_lossy(&output.stderr))
        })?;
        let findings = told["findings"].as_array().ok_or("the answer has no findings")?;
        // Of the project and its configuration: whether an address is free is the machine's business.
        let of_configuration = |finding: &&Value| {
            let code = finding["code"].as_str().unwrap_or_default();
            code.starts_with("S01") || code.starts_with("S02")
        };
        let serious = findings.iter().filter(|finding| finding["severity"] != "note").filter(of_configuration);
        Ok(serious.map(|finding| self.found(finding)).collect())
    }

    fn found(&self, finding: &Value) -> Found {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let project = format!("{}/", self.project().display());
        let place = |place: &Value| {
            let file = text(&place["file"]);
            let line = place["line"].as_u64().and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
            (file.strip_prefix(&project).map_or(file.clone(), str::to_owned), line)
        };
        Found {
            code: text(&finding["code"]),
            subject: text(&finding["subject"]),
            message: text(&finding["message"]),
            places: finding["places"].as_array().into_iter().flatten().map(place).collect(),
        }
    }
}

fn identity(found: &Found) -> (String, String, String) {
    (found.code.clone(), found.subject.clone(), found.message.clone())
}

/// Whether a finding is about what was changed: it points at the line, or names the key.
pub(super) fn is_about(found: &Found, case: &Case) -> bool {
    let points = found.places.iter().any(|(file, line)| {
        case.places.iter().any(|(changed, there)| file == changed && (line == there || *there == 0))
    });
    let words = |text: &str| text.rsplit([':', '.']).next().unwrap_or_default().to_lowercase();
    let subject = found.subject.split_once(':').map_or("", |(_, key)| key);
    let names = case.keys.iter().any(|key| {
        (!subject.is_empty() && (subject.eq_ignore_ascii_case(key) || words(subject) == words(key)))
            || found.message.contains(&format!("`{key}`"))
    });
    points || names
}
