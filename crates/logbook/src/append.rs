//! Appending: what guards it, and the insertion within the writer's transaction.

use std::sync::mpsc::SyncSender;

use rusqlite::{Connection, OptionalExtension as _, params};
use sternway_core::ids::EnvironmentName;

use crate::chain::{GENESIS, Hash, Hasher, Parts};
use crate::error::LogbookError;
use crate::lease::{Fenced, LeaseToken, check};
use crate::record::{Draft, Record};
use crate::writer::Job;

/// What must still be true when the entries are appended. The default asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    /// The logbook's last entry is this one (0: there is none): what was decided from a fold up to here is not appended to another
    /// history.
    pub expected_head: Option<u64>,
    /// This lease was neither taken over nor released. One that has merely run out still holds: nobody else acted under a later epoch.
    pub lease: Option<LeaseToken>,
}

/// Others appended in the meantime: read on, decide again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the logbook moved from entry {expected} to {head}")]
pub struct Moved {
    /// Where the caller believed the end to be.
    pub expected: u64,
    /// Where it is.
    pub head: u64,
}

/// Nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The logbook has moved on.
    #[error(transparent)]
    Moved(#[from] Moved),
    /// The lease is lost.
    #[error(transparent)]
    Fenced(#[from] Fenced),
    /// The logbook failed. After a failure of the disk itself (neither [`LogbookError::Full`] nor [`LogbookError::Busy`]) the
    /// entries may still turn up when it is opened again: append again only with [`Guard::expected_head`].
    #[error(transparent)]
    Logbook(#[from] LogbookError),
}

/// The logbook's end within one transaction: each append moves it on.
pub(crate) struct Ledger<'t> {
    pub(crate) connection: &'t Connection,
    pub(crate) seq: u64,
    hash: Hash,
    hasher: Hasher,
}

impl<'t> Ledger<'t> {
    /// Reads the real last entry: other processes append too.
    pub(crate) fn open(connection: &'t Connection) -> Result<Self, LogbookError> {
        let (seq, hash) = last(connection)?.unwrap_or((0, GENESIS));
        Ok(Self { connection, seq, hash, hasher: Hasher::default() })
    }

    fn allows(&self, guard: &Guard) -> Result<Result<(), AppendError>, LogbookError> {
        if let Some(expected) = guard.expected_head
            && expected != self.seq
        {
            return Ok(Err(Moved { expected, head: self.seq }.into()));
        }
        match &guard.lease {
            None => Ok(Ok(())),
            Some(token) => Ok(check(self.connection, token)?.map_err(AppendError::from)),
        }
    }

    fn insert(&mut self, drafts: &[Draft]) -> Result<Vec<(u64, Hash)>, LogbookError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO entries (seq, at, environment, epoch, \"by\", kind, payload, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        let mut places = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let environment = draft.environment.as_ref().map(EnvironmentName::as_str);
            let parts = Parts {
                at: draft.at.as_millis(),
                environment: environment.map(str::as_bytes),
                epoch: draft.epoch.map(|epoch| epoch.0),
                by: draft.by.as_bytes(),
                kind: draft.kind.as_bytes(),
                payload: &draft.payload,
            };
            let seq = self.seq + 1;
            let hash = self.hasher.hash(&self.hash, seq, &parts);
            insert.execute(params![
                seq.cast_signed(),
                parts.at,
                environment,
                parts.epoch.map(u64::cast_signed),
                draft.by,
                draft.kind,
                draft.payload,
                hash.as_slice()
            ])?;
            (self.seq, self.hash) = (seq, hash);
            places.push((seq, hash));
        }
        Ok(places)
    }
}

/// The last entry's place and hash.
pub(crate) fn last(connection: &Connection) -> Result<Option<(u64, Hash)>, LogbookError> {
    let mut statement = connection.prepare_cached("SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1")?;
    let found = statement
        .query_row([], |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, Hash>(1)?)))
        .optional()?;
    Ok(found)
}

/// One call of [`crate::Logbook::append`] on its way through the writer.
pub(crate) struct Append {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) guard: Guard,
    pub(crate) places: Result<Vec<(u64, Hash)>, AppendError>,
    pub(crate) reply: SyncSender<Result<Vec<Record>, AppendError>>,
}

impl Job for Append {
    fn apply(&mut self, ledger: &mut Ledger<'_>) -> Result<(), LogbookError> {
        self.places = match ledger.allows(&self.guard)? {
            Ok(()) => Ok(ledger.insert(&self.drafts)?),
            Err(refusal) => Err(refusal),
        };
        Ok(())
    }

    fn finish(self: Box<Self>, committed: Result<(), LogbookError>) {
        let Self { drafts, places, reply, .. } = *self;
        let records = committed.map_err(AppendError::from).and(places).map(|places| {
            drafts.into_iter().zip(places).map(|(draft, (seq, hash))| Record::new(draft, seq, hash)).collect()
        });
        // A caller that no longer waits has died with its answer.
        let _gone = reply.send(records);
    }
}

/// The greatest epoch that any entry of the environment carries: an epoch never goes below it, even should the lease be lost.
pub(crate) fn greatest_epoch(connection: &Connection, environment: &str) -> Result<u64, LogbookError> {
    let greatest: Option<i64> =
        connection
            .query_row("SELECT max(epoch) FROM entries WHERE environment = ?1", [environment], |row| row.get(0))?;
    Ok(greatest.map_or(0, i64::cast_unsigned))
}
