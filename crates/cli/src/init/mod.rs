//! `sternway init`: reads what a project says of itself and drafts a commented sternway.toml from it.
//!
//! One file for each ecosystem; each turns what it finds into a [`draft::Service`] whose every setting says why it was chosen.
//! Only names are taken from .env files, never values.

mod dotenv;
mod draft;
mod find;
mod folder;
mod render;
mod shell;
#[cfg(test)]
mod tests;

// The ecosystems.
mod docker;
mod node;
mod php;
mod procfile;
mod python;
mod ruby;
mod rust;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use folder::Folder;

/// What a folder seems to hold.
pub(crate) struct Guess {
    /// The text of a sternway.toml that parses, with a comment on each guess.
    pub(crate) toml: String,
    /// Each guess and its reason, in the order of the file.
    pub(crate) explained: Vec<String>,
    /// What a person has to look at before the first `ship`.
    pub(crate) warnings: Vec<String>,
}

/// Why sternway.toml was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotWritten {
    /// There is one, and it is never overwritten.
    #[error("`{}` exists already and was left as it is", .0.display())]
    Exists(PathBuf),
    /// The file cannot be written.
    #[error("`{}` could not be written", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl NotWritten {
    /// What to do or type next.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Exists(_) => "look at it with `sternway check`, or move it away and run `sternway init` again",
            Self::Io { .. } => "see that the folder exists and that you may write there",
        }
    }
}

/// Looks at a folder and drafts its sternway.toml. Reads only.
pub(crate) fn guess(dir: &Path) -> Guess {
    let folder = Folder::new(dir);
    let draft = find::project(&folder);
    Guess { toml: render::toml(&draft), explained: render::explained(&draft), warnings: draft.warnings }
}

/// Writes the draft to the folder's sternway.toml, unless there is one.
pub(crate) fn write(dir: &Path, guess: &Guess) -> Result<PathBuf, NotWritten> {
    let path = dir.join("sternway.toml");
    let io = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AlreadyExists => NotWritten::Exists(path.clone()),
        _ => NotWritten::Io { path: path.clone(), source },
    };
    let mut file = std::fs::File::create_new(&path).map_err(io)?;
    file.write_all(guess.toml.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
    Ok(path)
}
