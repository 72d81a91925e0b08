//! What an agent remembers beyond what runs: the greatest epoch of each environment and the logbook's head.
//!
//! `agent.json` is replaced as a whole and carries a digest of its content; `agent.good.json` is a copy, written after it. So at each
//! moment one of the two is whole, and whichever is torn by a bad disk or a person, nothing that was acknowledged is lost.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sternway_core::digest::Digest;
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, Epoch};

use super::{Agent, finding};
use crate::durable;

/// Format of `agent.json`; now 1.
const FORMAT: u32 = 1;

const FILES: [&str; 2] = ["agent.json", "agent.good.json"];

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Memory {
    /// Greatest epoch seen, by environment.
    pub(super) epochs: BTreeMap<EnvironmentName, Epoch>,
    /// The last head of the logbook that was shown.
    pub(super) witness: Option<(u64, String)>,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    format: u32,
    written_by: String,
    digest: Digest,
    memory: serde_json::Value,
}

/// What reading one file gave.
enum Read {
    Whole(Memory),
    Missing,
    Bad(String),
}

impl Memory {
    /// Reads what was remembered, with a warning when the first file was not good.
    pub(super) fn load(state: &Path) -> io::Result<(Self, Option<String>)> {
        let [first, copy] = FILES.map(|name| read(&state.join(name)));
        let (memory, warning) = match (first, copy) {
            (Read::Whole(memory), Read::Whole(_)) => return Ok((memory, None)),
            (Read::Whole(memory), _) => (memory, None),
            (Read::Missing, Read::Missing) => return Ok((Self::default(), None)),
            (Read::Missing, Read::Whole(memory)) => {
                (memory, Some("agent.json was missing; its copy is used".to_owned()))
            }
            (Read::Bad(why), Read::Whole(memory)) => (memory, Some(format!("agent.json was {why}; its copy is used"))),
            (Read::Missing, Read::Bad(why)) => (
                Self::default(),
                Some(format!("agent.json was missing and its copy was {why}: the epochs that were seen are forgotten")),
            ),
            (Read::Bad(why), _) => (
                Self::default(),
                Some(format!(
                    "agent.json was {why} and there is no good copy: the epochs that were seen are forgotten"
                )),
            ),
        };
        for name in FILES {
            // What was not understood is kept for a person to look at.
            let path = state.join(name);
            if matches!(read(&path), Read::Bad(_)) {
                std::fs::rename(&path, path.with_extension("bad"))?;
            }
        }
        memory.save(state)?;
        Ok((memory, warning))
    }

    /// Changes it durably, or not at all.
    pub(super) fn change(&mut self, agent: &Agent, change: impl FnOnce(&mut Self)) -> Result<(), Box<Finding>> {
        let mut changed = self.clone();
        change(&mut changed);
        let saved = agent.room.or_give_up(|| changed.save(&agent.options.state));
        saved.map_err(|error| finding::cannot_write("agent.json", &error))?;
        *self = changed;
        Ok(())
    }

    fn save(&self, state: &Path) -> io::Result<()> {
        let memory = serde_json::to_value(self)?;
        let envelope = Envelope {
            format: FORMAT,
            written_by: env!("CARGO_PKG_VERSION").to_owned(),
            digest: Digest::of_json(&memory),
            memory,
        };
        let text = durable::json(&envelope)?;
        FILES.iter().try_for_each(|name| durable::write(&state.join(name), &text))
    }
}

/// The head of the logbook that the agent with this state folder was shown last, also while it does not run; `None` when it was shown
/// none, or when neither of its files can be believed.
pub fn witness_on_disk(state: &Path) -> Option<(u64, String)> {
    FILES.iter().find_map(|name| match read(&state.join(name)) {
        Read::Whole(memory) => Some(memory.witness),
        Read::Missing | Read::Bad(_) => None,
    })?
}

fn read(path: &Path) -> Read {
    let envelope = match durable::read_json::<Envelope>(path) {
        Ok(Some(envelope)) => envelope,
        Ok(None) => return Read::Missing,
        Err(error) => return Read::Bad(format!("not readable ({error})")),
    };
    if envelope.format > FORMAT {
        return Read::Bad(format!("written by version {} in format {}", envelope.written_by, envelope.format));
    }
    if Digest::of_json(&envelope.memory) != envelope.digest {
        return Read::Bad("changed by another hand".to_owned());
    }
    serde_json::from_value(envelope.memory)
        .map_or_else(|error| Read::Bad(format!("not understood ({error})")), Read::Whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Memory {
        Memory {
            epochs: BTreeMap::from([(EnvironmentName::new("production").unwrap(), Epoch(7))]),
            witness: Some((41, "abc".to_owned())),
        }
    }

    #[test]
    fn whichever_file_is_torn_wherever_nothing_is_lost() {
        for torn in FILES {
            let folder = tempfile::tempdir().unwrap();
            sample().save(folder.path()).unwrap();
            let whole = std::fs::read(folder.path().join(torn)).unwrap();
            for length in 0..whole.len() {
                std::fs::write(folder.path().join(torn), &whole[..length]).unwrap();
                let (memory, warning) = Memory::load(folder.path()).unwrap();
                assert_eq!(memory, sample(), "{torn} cut to {length} bytes");
                // Without the last line end it is still whole.
                let whole_enough = length + 1 == whole.len();
                assert_eq!(warning.is_some(), torn == FILES[0] && !whole_enough, "{torn} cut to {length} bytes");
                assert_eq!(
                    std::fs::read(folder.path().join(FILES[0])).unwrap().len(),
                    whole.len() - usize::from(whole_enough && torn == FILES[0])
                );
            }
        }
    }

    #[test]
    fn a_changed_or_foreign_file_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        sample().save(folder.path()).unwrap();
        let text = std::fs::read_to_string(folder.path().join(FILES[0])).unwrap();
        for (from, to) in [("7", "1"), ("\"format\": 1", "\"format\": 2")] {
            for name in FILES {
                std::fs::write(folder.path().join(name), text.replacen(from, to, usize::MAX)).unwrap();
            }
            let (memory, warning) = Memory::load(folder.path()).unwrap();
            assert_eq!(memory, Memory::default());
            assert!(warning.unwrap().contains("no good copy"));
        }
    }
}
