//! Sources that lie in a file, a folder, or behind a command.

use std::io;

use sternway_core::finding::{Finding, Place};
use sternway_core::project::{Keys, source_kind};

use crate::cut;
use crate::formats;
use crate::source::{Files as _, Folder, Input, Piece, Read, Site, Source, Template};

/// A file of one of the [`formats`].
#[derive(Debug)]
pub struct FileSource<'a> {
    /// Its kind's name.
    pub kind: &'a str,
    /// Its path, relative to the project's folder.
    pub path: &'a str,
    /// Which part of it.
    pub part: Option<&'a str>,
    /// Where sternway.toml names it.
    pub place: &'a Place,
}

impl Source for FileSource<'_> {
    fn layer(&self) -> String {
        match self.part {
            Some(part) => format!("{}:{}#{part}", self.kind, self.path),
            None => format!("{}:{}", self.kind, self.path),
        }
    }

    fn read(&self, site: &Site<'_>) -> Read {
        let files = Folder(site.folder);
        let Some(format) = formats::format(self.kind) else { return self.broken(self.unsupported()) };
        let read = |bytes: &[u8], file: &str| (format.read)(&Input { bytes, file, part: self.part, files: &files });
        let mut bytes = None;
        let mut read = match self.kind {
            "command" => match site.machine.command(self.path) {
                Ok(printed) => self.here(read(&printed, &self.place.file)),
                Err(why) => return self.broken(self.failed(&why)),
            },
            "files" => match files.list(self.path) {
                Ok(_) => read(&[], self.path),
                Err(error) => return self.broken(self.unreadable("folder", &error)),
            },
            _ => match files.read(self.path) {
                Ok(text) => {
                    let found = read(&text, self.path);
                    bytes = Some(text);
                    found
                }
                Err(error) => return self.broken(self.unreadable("file", &error)),
            },
        };
        if let (true, Some(bytes)) = (knows_comments(self.kind), bytes) {
            cut::look(&mut read, &bytes, self.path);
        }
        read.document |= source_kind(self.kind).is_some_and(|kind| kind.keys == Keys::Paths);
        read
    }
}

/// Kinds in which `#` begins a comment behind a value.
fn knows_comments(kind: &str) -> bool {
    (kind.starts_with("dotenv") && kind != "dotenv-docker")
        || matches!(kind, "yaml" | "spring" | "compose" | "kubernetes" | "ini")
}

impl FileSource<'_> {
    fn broken(&self, finding: Finding) -> Read {
        let Place { file, line, column } = self.place;
        Read { findings: vec![finding.at(file, *line, *column)], ..Read::default() }
    }

    fn unsupported(&self) -> Finding {
        let message = format!("`{}` is not a kind of source that this version reads", self.kind);
        Finding::error("S0208", self.path, message).hint("see docs/sternway.toml.md for those that it reads")
    }

    fn failed(&self, why: &str) -> Finding {
        let message = format!("the command's output cannot be had: {why}");
        Finding::error("S0241", self.path, message)
            .hint("run it by hand in the folder of sternway.toml: what it writes to standard error is not shown here")
    }

    /// What a command printed stands where sternway.toml names the command.
    fn here(&self, mut read: Read) -> Read {
        for assignment in &mut read.assignments {
            assignment.place.clone_from(self.place);
            self.pieces_here(&mut assignment.value);
        }
        for finding in &mut read.findings {
            if let Some(Place { line: line @ 1.., .. }) = finding.places.first() {
                finding.message = format!("in line {line} of what the command prints: {}", finding.message);
            }
            finding.places = vec![self.place.clone()];
        }
        read
    }

    fn pieces_here(&self, template: &mut Template) {
        for piece in &mut template.0 {
            match piece {
                Piece::Text(_) => {}
                Piece::Reference { default, place, .. } => {
                    place.clone_from(self.place);
                    if let Some(default) = default {
                        self.pieces_here(default);
                    }
                }
                Piece::Alternative { then, place, .. } => {
                    place.clone_from(self.place);
                    self.pieces_here(then);
                }
                Piece::Variable(variable) => variable.place.clone_from(self.place),
                Piece::Unknown { place, .. } => place.clone_from(self.place),
            }
        }
    }

    fn unreadable(&self, what: &str, error: &io::Error) -> Finding {
        let (message, hint) = if error.kind() == io::ErrorKind::NotFound {
            let hint = "make it, an empty one too, or take it out of sternway.toml; its path is relative to that";
            (format!("the {what} is not there"), hint)
        } else {
            (format!("the {what} cannot be read: {error}"), "let the user who runs `sternway` read it")
        };
        Finding::error("S0202", self.path, message).hint(hint)
    }
}
