//! The repository's files, as values.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Command;

/// Text files by path from the repository's root.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// All files that are tracked, or would be if they were added. What is not UTF-8 is left out: the rules are about text.
    pub(crate) fn of_repository(root: &Path) -> io::Result<Self> {
        let listed = Command::new("git")
            .current_dir(root)
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .output()?;
        if !listed.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&listed.stderr).trim().to_owned()));
        }
        let mut files = BTreeMap::new();
        for name in String::from_utf8_lossy(&listed.stdout).split_terminator('\0') {
            // A file may have been removed and its removal not been recorded yet.
            let Ok(bytes) = std::fs::read(root.join(name)) else { continue };
            if let Ok(text) = String::from_utf8(bytes) {
                files.insert(name.to_owned(), text);
            }
        }
        Ok(Self { files })
    }

    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    pub(crate) fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// All files with their text.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// All Rust files with their text.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(|(path, _)| Path::new(path).extension().is_some_and(|extension| extension == "rs"))
    }

    /// Folder names of our crates, with the text of their manifests.
    pub(crate) fn crates(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter_map(|(path, text)| {
            let name = path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
            (!name.contains('/')).then_some((name, text))
        })
    }
}

#[cfg(test)]
impl Tree {
    /// A tree of these files.
    pub(crate) fn with<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { files: files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect() }
    }
}

/// Lines of a Rust file that are code of the product, numbered from 1: no comment, nothing from a test module on.
///
/// Test modules stand at the end of a file here, which makes this simple enough.
pub(crate) fn product_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines: Vec<&str> = text.lines().collect();
    let opens_tests = |index: usize| {
        lines[index].trim() == "#[cfg(test)]"
            && lines.get(index + 1).is_some_and(|next| next.trim_start().starts_with("mod ") && next.ends_with('{'))
    };
    let end = (0..lines.len()).find(|&index| opens_tests(index)).unwrap_or(lines.len());
    lines.into_iter().take(end).enumerate().filter(|(_, line)| !is_comment(line)).map(|(index, line)| (index + 1, line))
}

/// Whether this line of Rust is a comment and nothing else.
pub(crate) fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// Whether this Rust file holds tests only.
pub(crate) fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_tests_are_not_the_product() {
        let text = "//! Doc.\nfn one() {}\n    // why\n#[cfg(test)]\nmod tests {\n    fn two() {}\n}\n";
        assert_eq!(product_lines(text).collect::<Vec<_>>(), [(2, "fn one() {}")]);
    }
}
