//! Files that a server's configuration includes: beside it, or in a copy of the folder where the server keeps them.

use super::beside::{below, fits, is_pattern, root};
use super::text::LARGEST;
use crate::source::{Files, Input};

/// No more files than this are included, no deeper than that, and not more of them in all.
const MOST: usize = 256;
pub(super) const DEEPEST: usize = 16;
const MOST_BYTES: usize = LARGEST * 4;

/// Where included files are looked for.
pub(super) struct Includes<'a> {
    files: &'a dyn Files,
    /// The system's root, in the project.
    root: Option<&'a str>,
    /// The server's own folder: `etc/nginx/`.
    homes: &'static [&'static str],
    /// Folders in which relative paths begin, in the order in which they are tried.
    folders: Vec<String>,
    opened: usize,
    bytes: usize,
}

impl<'a> Includes<'a> {
    pub(super) fn new(input: &Input<'a>, homes: &'static [&'static str]) -> Self {
        let root = root(input.file, homes);
        let folder = input.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut folders = vec![folder.to_owned()];
        match root {
            Some(root) => folders.splice(0..0, homes.iter().map(|home| format!("{root}{home}"))).for_each(drop),
            // `sites-enabled/shop.conf` is included from the folder above.
            None => folders.extend(folder.rsplit_once('/').map(|(above, _)| above.to_owned())),
        }
        Self { files: input.files, root, homes, folders, opened: 0, bytes: 0 }
    }

    /// The files that a path or pattern names, with their paths; none when they cannot be found.
    pub(super) fn open(&mut self, path: &str) -> Vec<(String, Vec<u8>)> {
        let mut candidates: Vec<String> = Vec::new();
        if let Some(absolute) = path.strip_prefix('/') {
            if let Some(root) = self.root {
                candidates.extend(below(root, absolute));
            } else {
                let own = self.homes.iter().find_map(|home| absolute.strip_prefix(home));
                candidates.extend(own.into_iter().flat_map(|own| self.relative(own)));
            }
        } else {
            candidates.extend(self.relative(path));
        }
        for candidate in candidates {
            let found = self.matching(&candidate);
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    fn relative(&self, path: &str) -> Vec<String> {
        self.folders.iter().filter_map(|folder| below(folder, path)).collect()
    }

    fn matching(&mut self, path: &str) -> Vec<(String, Vec<u8>)> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let paths = if is_pattern(name) {
            let names = self.files.list(folder).unwrap_or_default();
            let join = |name: String| if folder.is_empty() { name } else { format!("{folder}/{name}") };
            names.into_iter().filter(|file| fits(name, file)).map(join).collect()
        } else {
            vec![path.to_owned()]
        };
        let mut found = Vec::new();
        for path in paths {
            if self.opened >= MOST || self.bytes > MOST_BYTES {
                break;
            }
            if let Ok(bytes) = self.files.read(&path) {
                self.opened += 1;
                self.bytes = self.bytes.saturating_add(bytes.len());
                found.push((path, bytes));
            }
        }
        found
    }
}
