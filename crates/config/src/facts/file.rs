//! An environment's facts as a file, for people who may not see its values.

use serde::{Deserialize, Serialize};
use sternway_core::digest::Digest;
use sternway_core::ids::{EnvironmentName, ReleaseNumber};
use sternway_core::time::Timestamp;

use super::{FORMAT, Facts, Reads, ServiceFacts, Told};

/// No project has so many keys.
const LONGEST: usize = 64 * 1024 * 1024;

/// What the file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsFile {
    /// [`FORMAT`].
    pub format: u32,
    /// For a person who looks at it.
    pub written_by: String,
    /// When.
    pub at: Timestamp,
    /// The project's name.
    pub project: String,
    /// Whose configuration it tells of.
    pub environment: EnvironmentName,
    /// The release that it was sealed with; `None` when it was made of sources.
    #[serde(default)]
    pub release: Option<ReleaseNumber>,
    /// That release's digest.
    #[serde(default)]
    pub digest: Option<Digest>,
    /// What can be told of it.
    pub facts: Facts,
}

/// Why a file is not used. Quotes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// It is no file of facts.
    #[error("it is no file of facts: line {line}, column {column}")]
    Wrong {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// A name or a reason in it could not be shown on a terminal as it is.
    #[error("it has a name with a control character")]
    Unprintable,
    /// It is far larger than any.
    #[error("it is larger than any file of facts")]
    TooLarge,
    /// A newer version wrote it.
    #[error("it has format {0}, this version reads up to {FORMAT}")]
    Newer(u32),
    /// It tells of something else.
    #[error("it is of {environment} of the project {project}")]
    OfAnother {
        /// The environment that it tells of.
        environment: EnvironmentName,
        /// The project.
        project: String,
    },
}

#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl FactsFile {
    /// Reads it.
    pub fn parse(bytes: &[u8]) -> Result<Self, FactsError> {
        if bytes.len() > LONGEST {
            return Err(FactsError::TooLarge);
        }
        // Only the position: serde's messages quote what they read.
        let wrong = |error: serde_json::Error| FactsError::Wrong { line: error.line(), column: error.column() };
        let Version { format } = serde_json::from_slice(bytes).map_err(wrong)?;
        if format > FORMAT {
            return Err(FactsError::Newer(format));
        }
        let file: Self = serde_json::from_slice(bytes).map_err(wrong)?;
        if file.facts.format > FORMAT {
            return Err(FactsError::Newer(file.facts.format));
        }
        if is_printable(&file.project) && file.facts.is_printable() { Ok(file) } else { Err(FactsError::Unprintable) }
    }

    /// The same if it tells of this environment of this project.
    pub fn about(self, project: &str, environment: &EnvironmentName) -> Result<Self, FactsError> {
        if self.project == project && self.environment == *environment {
            Ok(self)
        } else {
            Err(FactsError::OfAnother { environment: self.environment, project: self.project })
        }
    }

    /// As text, to be read by people, too.
    pub fn print(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

fn is_printable(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

impl Facts {
    /// Whether everything in it that is shown as it stands can be.
    fn is_printable(&self) -> bool {
        let reads =
            |reads: &Reads| matches!(reads, Reads::As(_)) || matches!(reads, Reads::Not(why) if is_printable(why));
        let told = |told: &Told| match told {
            Told::Known(known) => known.connection.as_ref().is_none_or(|connection| reads(&connection.reads)),
            Told::Unknown(why) => is_printable(why),
        };
        let service = |service: &ServiceFacts| {
            service.unseen.as_deref().is_none_or(is_printable)
                && service.keys.iter().all(|(key, fact)| is_printable(key) && told(&fact.value))
                && service.parts.iter().all(|found| {
                    reads(&found.reads) && found.keys.iter().chain([&found.stem]).all(|text| is_printable(text))
                })
        };
        self.services.values().all(service)
    }
}
