//! Entries: before they are appended, as they are read, and as they are kept.

use std::fmt;

use serde::{Deserialize, Serialize};
use sternway_core::digest::Digest;
use sternway_core::ids::{EnvironmentName, Epoch};
use sternway_core::time::Timestamp;

use crate::chain::Hash;
use crate::error::LogbookError;

/// An entry that is to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// When it happened, by the appender's clock.
    pub at: Timestamp,
    /// The environment that it is about; `None` for the project as a whole.
    pub environment: Option<EnvironmentName>,
    /// The epoch under which it is written.
    pub epoch: Option<Epoch>,
    /// Who writes it.
    pub by: String,
    /// What kind of thing it says, for people and for filters.
    pub kind: String,
    /// What it says: JSON, which the logbook never looks into.
    pub payload: Vec<u8>,
}

/// An entry of the logbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its position, from 1, without gaps.
    pub seq: u64,
    /// When it happened, by the appender's clock: not necessarily in the order of `seq`.
    pub at: Timestamp,
    /// The environment that it is about.
    pub environment: Option<EnvironmentName>,
    /// The epoch under which it was written.
    pub epoch: Option<Epoch>,
    /// Who wrote it.
    pub by: String,
    /// What kind of thing it says.
    pub kind: String,
    /// What it says.
    pub payload: Vec<u8>,
    /// Covers this entry and, through the hash before it, all earlier ones: see [`crate::chain`].
    pub hash: Hash,
}

impl Record {
    pub(crate) fn new(draft: Draft, seq: u64, hash: Hash) -> Self {
        let Draft { at, environment, epoch, by, kind, payload } = draft;
        Self { seq, at, environment, epoch, by, kind, payload, hash }
    }

    /// The logbook's head when this was its last entry.
    pub fn head(&self) -> Head {
        Head::new(self.seq, &self.hash)
    }
}

/// An entry while it is read, borrowed from SQLite's page: nothing is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordRef<'a> {
    /// As in [`Record`].
    pub seq: u64,
    /// As in [`Record`].
    pub at: Timestamp,
    /// As in [`Record`].
    pub environment: Option<&'a str>,
    /// As in [`Record`].
    pub epoch: Option<Epoch>,
    /// As in [`Record`].
    pub by: &'a str,
    /// As in [`Record`].
    pub kind: &'a str,
    /// As in [`Record`].
    pub payload: &'a [u8],
    /// As in [`Record`].
    pub hash: &'a Hash,
}

impl RecordRef<'_> {
    /// A copy that outlives the reading. Fails on an environment's name that no version of the program could have written.
    pub fn to_record(&self) -> Result<Record, LogbookError> {
        let environment = self.environment.map(EnvironmentName::new).transpose();
        Ok(Record {
            seq: self.seq,
            at: self.at,
            environment: environment
                .map_err(|error| LogbookError::Damaged { detail: format!("entry {}: {error}", self.seq) })?,
            epoch: self.epoch,
            by: self.by.to_owned(),
            kind: self.kind.to_owned(),
            payload: self.payload.to_vec(),
            hash: *self.hash,
        })
    }
}

/// The last entry at some moment. Whoever remembers one (the agent, the proxy, a person) can later prove with [`verify`] that the
/// logbook still contains everything up to it.
///
/// [`verify`]: crate::Logbook::verify
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Head {
    /// Its position.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
}

impl Head {
    pub(crate) fn new(seq: u64, hash: &Hash) -> Self {
        Self { seq, hash: Digest::from_bytes(hash) }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.seq, self.hash)
    }
}
