//! Where the project is, in its state folder: `serve`, which runs in no folder of its own, finds there what it watches.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sternway_core::ids::EnvironmentName;
use sternway_core::project::Project;

use crate::context::{Context, FILE, Loaded};
use crate::failure::Failure;

const WRITTEN: &str = "project.json";

/// Why the project cannot be loaded, in words that are the same as long as the cause is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Lost {
    /// It is not where it was.
    #[error("{0}; `sternway watch ENV --once`, typed where it is now, finds it again")]
    Gone(String),
    /// It is there and cannot be used.
    #[error("{0}")]
    Unusable(String),
}

/// The project from which was shipped last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remembered {
    format: u32,
    /// The folder with sternway.toml.
    dir: PathBuf,
    /// The project's name: another one in that folder is none of ours. Empty in what an earlier version wrote.
    #[serde(default)]
    name: String,
    /// The environments that it has watched.
    #[serde(default)]
    pub(crate) watched: Vec<EnvironmentName>,
}

impl Remembered {
    /// What was written; `None` before the first `ship`.
    pub(crate) fn read(context: &Context) -> Option<Self> {
        let text = fs::read_to_string(context.state.join(WRITTEN)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The project's folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes down where the project is.
    pub(crate) fn write(context: &Context, project: &Project) -> Result<(), Failure> {
        let failed = |error: io::Error| {
            Failure::usage("S0910", format!("the state folder {} cannot be used", context.state.display()))
                .cause(&error)
        };
        let watched = project.environments.iter().filter(|(_, settings)| settings.watch.is_some());
        let now = Self {
            format: 1,
            dir: std::path::absolute(&context.project_dir).map_err(failed)?,
            name: project.name.clone(),
            watched: watched.map(|(name, _)| name.clone()).collect(),
        };
        if Self::read(context).is_some_and(|written| written == now) {
            return Ok(());
        }
        let text = serde_json::to_string(&now).map_err(|error| failed(error.into()))?;
        let file = context.state.join(WRITTEN);
        let beside = context.state.join(format!("{WRITTEN}.{}", std::process::id()));
        fs::write(&beside, format!("{text}\n")).and_then(|()| fs::rename(&beside, &file)).map_err(failed)
    }

    /// The same state with that project, loaded.
    pub(crate) fn load(&self, context: &Context) -> Result<(Context, Loaded), Lost> {
        let context = Context { project_dir: self.dir.clone(), ..context.clone() };
        let dir = self.dir.display();
        if !self.dir.is_dir() {
            return Err(Lost::Gone(format!("the project's folder {dir} is not there: it was moved or deleted")));
        }
        if !self.dir.join(FILE).exists() {
            return Err(Lost::Gone(format!("there is no {FILE} in {dir}")));
        }
        let loaded = context.load().map_err(|failure| Lost::Unusable(failure.in_a_line()))?;
        if !self.name.is_empty() && loaded.project.name != self.name {
            return Err(Lost::Gone(format!("{dir} holds another project now: `{}`", loaded.project.name)));
        }
        Ok((context, loaded))
    }

    /// Remembers the project that somebody looks at by hand, when the one that is remembered was moved or deleted.
    pub(crate) fn found_again(context: &Context, project: &Project) -> Result<(), Failure> {
        match Self::read(context).map(|known| (known.load(context), known.name)) {
            Some((Err(Lost::Gone(_)), name)) if name.is_empty() || name == project.name => {
                Self::write(context, project)
            }
            _ => Ok(()),
        }
    }
}
