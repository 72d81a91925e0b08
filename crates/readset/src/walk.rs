//! Which files are looked at, and whose they are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::language;
use crate::read::{Origin, Unparsed};

/// Folders in which packages lie.
const PACKAGES: &[&str] = &["node_modules", "vendor", "bower_components", "site-packages"];

/// Folders that no release runs.
const NEVER: &[&str] = &[".git", ".hg", ".svn", "__pycache__"];

/// Says whether a path relative to the root is left out; the second argument, whether it is a folder.
pub type Skip = dyn Fn(&Path, bool) -> bool;

/// What to look at.
#[derive(Clone, Copy, Default)]
pub struct Choice<'c> {
    /// Also read the packages in vendor/, node_modules/ and virtual environments. Their reads are marked [`Origin::Dependency`].
    pub dependencies: bool,
    /// Leaves out files and folders.
    pub skip: Option<&'c Skip>,
}

/// A file to look at.
pub(crate) struct Candidate {
    pub(crate) path: PathBuf,
    /// Relative to the root, with `/`.
    pub(crate) name: String,
    pub(crate) origin: Origin,
}

/// All files that may be of a known language, sorted by name. Links are not followed: what they name inside the root is seen at its own
/// place, and what lies outside is none of the release.
pub(crate) fn candidates(root: &Path, choice: Choice<'_>, unreadable: &mut Vec<Unparsed>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                unreadable.push(Unparsed {
                    file: relative(root, &folder),
                    why: error.kind().to_string(),
                    partly: false,
                });
                continue;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else { continue };
            let inside = path.strip_prefix(root).unwrap_or(&path);
            if choice.skip.is_some_and(|skip| skip(inside, kind.is_dir())) {
                continue;
            }
            if kind.is_dir() {
                if !is_left_out(&path, choice) {
                    folders.push(path);
                }
            } else if kind.is_file() && (path.extension().is_none() || language::by_name(&path).is_some()) {
                let name = relative(root, &path);
                let origin = origin(&name);
                found.push(Candidate { path, name, origin });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn is_left_out(folder: &Path, choice: Choice<'_>) -> bool {
    let Some(name) = folder.file_name().and_then(|name| name.to_str()) else { return false };
    NEVER.contains(&name) || (!choice.dependencies && (PACKAGES.contains(&name) || folder.join("pyvenv.cfg").exists()))
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// Whose code a file is, by its path.
pub(crate) fn origin(name: &str) -> Origin {
    const TESTS: &[&str] = &["test", "tests", "__tests__", "__mocks__", "spec", "specs", "e2e", "cypress"];
    let (folders, file) = name.rsplit_once('/').unwrap_or(("", name));
    if folders.split('/').any(|folder| PACKAGES.contains(&folder)) {
        return Origin::Dependency;
    }
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let by_file = [".test", ".spec", ".cy", "_test"].iter().any(|end| stem.ends_with(end))
        || stem.starts_with("test_")
        || file == "conftest.py"
        || file.strip_suffix(".php").is_some_and(|stem| stem.ends_with("Test"));
    let by_folder = folders.split('/').any(|folder| TESTS.iter().any(|test| folder.eq_ignore_ascii_case(test)));
    if by_file || by_folder { Origin::Test } else { Origin::Own }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_a_file_is() {
        for (name, expected) in [
            ("src/app.ts", Origin::Own),
            ("latest/contest.py", Origin::Own),
            ("Test.php", Origin::Test),
            ("app/Latest.php", Origin::Own),
            ("tests/Feature/Login.php", Origin::Test),
            ("src/app.test.ts", Origin::Test),
            ("shop/test_views.py", Origin::Test),
            ("a/node_modules/b/test/x.js", Origin::Dependency),
            ("vendor/a/b.php", Origin::Dependency),
        ] {
            assert_eq!(origin(name), expected, "{name}");
        }
    }
}
