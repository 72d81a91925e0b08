//! Patterns in the syntax of gitignore(5): which paths a list of them leaves out.

use crate::glob::Glob;

/// A list of patterns; the last that matches decides.
#[derive(Debug, Default)]
pub struct Patterns {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    glob: Glob,
    /// `!`: brings back what an earlier pattern left out.
    keeps: bool,
    folders_only: bool,
    /// Matched against the whole path instead of the last name.
    anchored: bool,
}

impl Patterns {
    /// Adds one line. An empty one and a comment add nothing.
    ///
    /// # Errors
    /// What is wrong with the pattern.
    pub fn add(&mut self, line: &[u8]) -> Result<(), &'static str> {
        self.rules.extend(Rule::parse(line)?);
        Ok(())
    }

    /// Adds all lines of a file, and passes over the lines that are no patterns, as git does; answers with their numbers and faults.
    pub fn add_lines(&mut self, text: &[u8]) -> Vec<(usize, &'static str)> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let lines = text.split(|&byte| byte == b'\n').enumerate();
        let faults = lines.filter_map(|(index, line)| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            self.add(line).err().map(|why| (index + 1, why))
        });
        faults.collect()
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a path relative to the list's folder is left out; `None` when no pattern is about it. Asked from the top down: what lies in a
    /// folder that is left out is never asked for, and so cannot be brought back, as in git.
    pub fn leaves_out(&self, path: &[u8], is_folder: bool) -> Option<bool> {
        let last = self.rules.iter().rev().find(|rule| rule.matches(path, is_folder));
        last.map(|rule| !rule.keeps)
    }
}

impl Rule {
    /// `None` for an empty line or a comment.
    fn parse(line: &[u8]) -> Result<Option<Self>, &'static str> {
        if line.starts_with(b"#") {
            return Ok(None);
        }
        let line = trim_spaces(line);
        let (keeps, line) = line.strip_prefix(b"!").map_or((false, line), |rest| (true, rest));
        let (folders_only, line) = line.strip_suffix(b"/").map_or((false, line), |rest| (true, rest));
        let anchored = line.contains(&b'/');
        let line = line.strip_prefix(b"/").unwrap_or(line);
        if line.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self { glob: Glob::compile(line)?, keeps, folders_only, anchored }))
    }

    fn matches(&self, path: &[u8], is_folder: bool) -> bool {
        if self.folders_only && !is_folder {
            return false;
        }
        self.glob.matches(if self.anchored { path } else { name_of(path) })
    }
}

/// A path's last name.
fn name_of(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or(path)
}

/// Without trailing spaces, unless `\` keeps one.
fn trim_spaces(line: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut at = 0;
    while at < line.len() {
        match line[at] {
            b'\\' => {
                at += 2;
                end = at;
            }
            b' ' => at += 1,
            _ => {
                at += 1;
                end = at;
            }
        }
    }
    &line[..end.min(line.len())]
}
