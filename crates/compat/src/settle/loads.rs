//! Which files belong together, because one includes the other: only there does a function that one declares serve the other.

use std::collections::HashMap;

use super::File;

/// Files joined by what they include.
pub(super) struct Loads {
    /// For each file the one that stands for all that it is joined with.
    joined: Vec<usize>,
    always: Vec<bool>,
}

/// A path's end that more files than this have names none of them.
const MANY: usize = 4;

impl Loads {
    pub(super) fn of(files: &[File]) -> Self {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, file) in files.iter().enumerate() {
            by_name.entry(last(&file.name)).or_default().push(number);
        }
        let mut loads =
            Self { joined: (0..files.len()).collect(), always: files.iter().map(|file| file.always_loaded).collect() };
        for (number, file) in files.iter().enumerate() {
            for path in &file.seen.includes {
                let folder = file.name.rsplit_once('/').map_or("", |(folder, _)| folder);
                let Some(named) = by_name.get(last(path)) else { continue };
                let beside = settled(folder, path);
                if let Some(exact) = named.iter().find(|other| files[**other].name == beside) {
                    loads.join(number, *exact);
                    continue;
                }
                let end = settled("", path);
                let ends: Vec<usize> =
                    named.iter().copied().filter(|other| is_end(&files[*other].name, &end)).collect();
                if ends.len() <= MANY {
                    for other in ends {
                        loads.join(number, other);
                    }
                }
            }
        }
        loads
    }

    /// Whether what one file declares serves the other.
    pub(super) fn reaches(&self, user: usize, declarer: usize) -> bool {
        user == declarer || self.always[declarer] || self.root(user) == self.root(declarer)
    }

    fn root(&self, mut number: usize) -> usize {
        while self.joined[number] != number {
            number = self.joined[number];
        }
        number
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        // The smaller number stands for both: chains stay short, because files are sorted by folder.
        let (first, second) = (one.min(other), one.max(other));
        self.joined[second] = first;
    }
}

fn last(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// A path with `.` and `..` taken out by its words.
fn settled(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether a file's name ends with these folders and this name.
fn is_end(name: &str, end: &str) -> bool {
    name.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seen::Seen;

    fn files(rows: &[(&str, &[&str])]) -> Vec<File> {
        let file = |(name, includes): &(&str, &[&str])| File {
            name: (*name).to_owned(),
            seen: Seen { includes: includes.iter().map(|path| (*path).to_owned()).collect(), ..Seen::default() },
            always_loaded: false,
            silent: false,
        };
        rows.iter().map(file).collect()
    }

    #[test]
    fn what_is_included_together_belongs_together() {
        let files = files(&[
            ("index.php", &["lib/compat.php", "/page.php"]),
            ("lib/compat.php", &[]),
            ("other.php", &[]),
            ("pages/page.php", &["../footer.php"]),
            ("footer.php", &[]),
            ("x/footer.php", &[]),
        ]);
        let loads = Loads::of(&files);
        assert!(loads.reaches(3, 1) && loads.reaches(0, 4) && loads.reaches(2, 2));
        assert!(!loads.reaches(2, 1) && !loads.reaches(0, 5));
    }
}
