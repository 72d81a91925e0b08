//! What Composer loads before any code runs: files whose functions are there everywhere.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The files under `autoload.files` of the project and of its installed packages, with what these include beside them.
pub(crate) fn always_loaded(root: &Path, vendors: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    if root.is_dir() {
        of_package(root, &mut files);
    }
    for vendor in vendors {
        if let Some(project) = vendor.parent().filter(|project| *project != root) {
            of_package(project, &mut files);
        }
        for package in folders(vendor).iter().flat_map(|owner| folders(owner)) {
            of_package(&package, &mut files);
        }
    }
    let mut at = 0;
    while let Some(file) = files.get(at).cloned() {
        at += 1;
        for beside in included_beside(&file) {
            if files.len() < 10_000 && !files.contains(&beside) {
                files.push(beside);
            }
        }
    }
    files
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).map(|entries| entries.flatten().collect::<Vec<_>>()).unwrap_or_default();
    entries.into_iter().map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

/// What the composer.json of a folder says.
fn of_package(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(text) = fs::read(folder.join("composer.json")) else { return };
    let Ok(composer) = serde_json::from_slice::<Value>(&text) else { return };
    let named = composer["autoload"]["files"].as_array().into_iter().flatten().filter_map(Value::as_str);
    // Polyfills bring the classes that they make up for as well.
    let mapped = composer["autoload"]["classmap"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for path in named.map(|name| folder.join(name)) {
        if path.is_file() && !files.contains(&path) {
            files.push(path);
        }
    }
    for stubs in mapped.map(|name| folder.join(name)).filter(|path| path.is_dir()) {
        let entries = fs::read_dir(stubs).map(|entries| entries.flatten().collect::<Vec<_>>()).unwrap_or_default();
        let is_php = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "php");
        files.extend(entries.into_iter().map(|entry| entry.path()).filter(is_php).take(200));
    }
}

/// `require __DIR__.'/bootstrap80.php'`: what a file includes from its own folder.
fn included_beside(file: &Path) -> Vec<PathBuf> {
    let (Ok(text), Some(folder)) = (fs::read(file), file.parent()) else { return Vec::new() };
    let text = String::from_utf8_lossy(&text);
    let mut found = Vec::new();
    for (at, _) in text.match_indices("__DIR__") {
        let rest = text[at + "__DIR__".len()..].trim_start().trim_start_matches('.').trim_start();
        let quoted = rest.strip_prefix('\'').and_then(|rest| rest.split('\'').next());
        let quoted = quoted.or_else(|| rest.strip_prefix('"').and_then(|rest| rest.split('"').next()));
        if let Some(path) = quoted.map(|name| folder.join(name.trim_start_matches('/'))).filter(|path| path.is_file()) {
            found.push(path);
        }
    }
    found
}
