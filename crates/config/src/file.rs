//! Sources that lie in a file, a folder, or behind a command.

use std::io;
use std::path::Path;

use sternway_core::finding::{Finding, Place};

use crate::formats;
use crate::source::{Files as _, Folder, Input, Read, Source};

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

    fn read(&self, project: &Path) -> Read {
        let files = Folder(project);
        let Some(format) = formats::format(self.kind) else { return self.broken(self.unsupported()) };
        match files.read(self.path) {
            Ok(bytes) => {
                let input = Input { bytes: &bytes, file: self.path, part: self.part, files: &files };
                (format.read)(&input)
            }
            Err(error) => self.broken(self.unreadable(&error)),
        }
    }
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

    fn unreadable(&self, error: &io::Error) -> Finding {
        let (message, hint) = if error.kind() == io::ErrorKind::NotFound {
            let hint = "make the file, an empty one too, or take it out of sternway.toml; its path is relative to that";
            ("the file is not there".to_owned(), hint)
        } else {
            (format!("the file cannot be read: {error}"), "let the user who runs `sternway` read it")
        };
        Finding::error("S0202", self.path, message).hint(hint)
    }
}
