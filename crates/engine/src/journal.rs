//! The logbook behind the engine's port: entries to events and back.

use std::sync::Arc;
use std::time::Duration;

use sternway_core::event::{Entry, Event};
use sternway_core::ids::EnvironmentName;
use sternway_core::state::State;
use sternway_core::time::Timestamp;
use sternway_logbook::{
    AcquireError, AppendError, Draft, Guard, LeaseToken, Logbook, LogbookError, Record, RecordRef, RenewError,
};

use crate::ports::{Clock, Held, Journal, JournalError};
use crate::session::EngineError;

/// A logbook whose payloads are events.
#[derive(Clone)]
pub struct LogbookJournal {
    logbook: Logbook,
    clock: Arc<dyn Clock>,
}

impl LogbookJournal {
    /// Over this logbook; leases are reckoned by this clock.
    pub fn new(logbook: Logbook, clock: Arc<dyn Clock>) -> Self {
        Self { logbook, clock }
    }

    /// The logbook itself, for verification and witnesses.
    pub fn logbook(&self) -> &Logbook {
        &self.logbook
    }

    /// Folds the whole logbook.
    pub fn fold(&self) -> Result<State, EngineError> {
        self.fold_onto(State::default())
    }

    /// Folds what came after a state on top of it.
    pub fn fold_onto(&self, mut state: State) -> Result<State, EngineError> {
        let after = state.head;
        let apply =
            |entry: &Entry| state.apply(entry).map_err(|source| EngineError::Illegal { seq: entry.seq, source });
        self.logbook.decode_each(after, |record| borrowed(&record), apply)?;
        Ok(state)
    }

    /// Appends what a person or an observer says, without a lease, after whatever others append: `decide` is asked again on the
    /// newest state until its events could be appended as decided. It answers with the events, or with a reason not to.
    pub fn append_decided<R>(
        &self,
        environment: Option<&EnvironmentName>,
        by: &str,
        mut state: State,
        mut decide: impl FnMut(&State) -> Result<Vec<Event>, R>,
    ) -> Result<(State, Result<Vec<Entry>, R>), EngineError> {
        loop {
            state = self.fold_onto(state)?;
            let events = match decide(&state) {
                Ok(events) => events,
                Err(reason) => return Ok((state, Err(reason))),
            };
            let at = self.clock.now();
            let mut after = state.clone();
            for (event, seq) in events.iter().zip(state.head + 1..) {
                let entry = Entry {
                    seq,
                    at,
                    environment: environment.cloned(),
                    epoch: None,
                    by: by.to_owned(),
                    event: event.clone(),
                };
                after.apply(&entry).map_err(|source| EngineError::Illegal { seq, source })?;
            }
            match self.append(environment, None, by, at, &events, state.head) {
                Ok(entries) => return Ok((after, Ok(entries))),
                Err(JournalError::Moved { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl From<LogbookError> for JournalError {
    fn from(error: LogbookError) -> Self {
        let mut why = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            why = format!("{why}: {inner}");
            cause = inner.source();
        }
        Self::Broken { why }
    }
}

impl From<LogbookError> for EngineError {
    fn from(error: LogbookError) -> Self {
        Self::Journal(error.into())
    }
}

fn event_of(seq: u64, kind: &str, payload: &[u8]) -> Result<Event, JournalError> {
    let not_understood = |error: String| JournalError::Broken {
        why: format!("entry {seq} ({kind}) is not understood by this version: {error}"),
    };
    // Text is checked once as a whole, which is quicker than each string in it.
    let text = std::str::from_utf8(payload).map_err(|error| not_understood(error.to_string()))?;
    serde_json::from_str(text).map_err(|error| not_understood(error.to_string()))
}

fn borrowed(record: &RecordRef<'_>) -> Result<Entry, EngineError> {
    let environment = record.environment.map(EnvironmentName::new).transpose().map_err(|error| {
        EngineError::Journal(JournalError::Broken { why: format!("entry {}: {error}", record.seq) })
    })?;
    Ok(Entry {
        seq: record.seq,
        at: record.at,
        environment,
        epoch: record.epoch,
        by: record.by.to_owned(),
        event: event_of(record.seq, record.kind, record.payload)?,
    })
}

/// A record as an entry.
pub fn entry_of(record: Record) -> Result<Entry, JournalError> {
    Ok(Entry {
        seq: record.seq,
        at: record.at,
        environment: record.environment,
        epoch: record.epoch,
        by: record.by,
        event: event_of(record.seq, &record.kind, &record.payload)?,
    })
}

fn token(lease: &Held) -> LeaseToken {
    LeaseToken { environment: lease.environment.clone(), holder: lease.holder.clone(), epoch: lease.epoch }
}

impl Journal for LogbookJournal {
    fn entries_after(&self, seq: u64) -> Result<Vec<Entry>, JournalError> {
        self.logbook.read(seq, usize::MAX)?.into_iter().map(entry_of).collect()
    }

    fn append(
        &self,
        environment: Option<&EnvironmentName>,
        lease: Option<&Held>,
        by: &str,
        at: Timestamp,
        events: &[Event],
        expected: u64,
    ) -> Result<Vec<Entry>, JournalError> {
        let drafts = events.iter().map(|event| {
            let payload = serde_json::to_vec(event)
                .map_err(|error| JournalError::Broken { why: format!("an event cannot be written: {error}") })?;
            Ok(Draft {
                at,
                environment: environment.cloned(),
                epoch: lease.map(|lease| lease.epoch),
                by: by.to_owned(),
                kind: event.kind().to_owned(),
                payload,
            })
        });
        let drafts = drafts.collect::<Result<Vec<_>, JournalError>>()?;
        let guard = Guard { expected_head: Some(expected), lease: lease.map(token) };
        match self.logbook.append(drafts, guard) {
            Ok(records) => records.into_iter().map(entry_of).collect(),
            Err(AppendError::Moved(moved)) => Err(JournalError::Moved { head: moved.head }),
            Err(AppendError::Fenced(fenced)) => {
                Err(JournalError::Fenced { holder: fenced.holder.unwrap_or_else(|| "nobody any more".to_owned()) })
            }
            Err(AppendError::Logbook(error)) => Err(error.into()),
        }
    }

    fn wait_past(&self, seq: u64, at_most: Duration) -> Result<(), JournalError> {
        self.logbook.wait_past(seq, at_most)?;
        Ok(())
    }

    fn acquire(&self, environment: &EnvironmentName, holder: &str, ttl: Duration) -> Result<Held, JournalError> {
        match self.logbook.acquire(environment, holder, ttl, self.clock.now()) {
            Ok(acquired) => Ok(Held {
                environment: environment.clone(),
                epoch: acquired.epoch,
                holder: holder.to_owned(),
                taken_from: acquired.took_over_from,
            }),
            Err(AcquireError::HeldBy(held)) => Err(JournalError::HeldBy { holder: held.holder, until: held.until }),
            Err(AcquireError::Logbook(error)) => Err(error.into()),
        }
    }

    fn renew(&self, lease: &Held, ttl: Duration) -> Result<(), JournalError> {
        match self.logbook.renew(&token(lease), ttl, self.clock.now()) {
            Ok(_) => Ok(()),
            Err(RenewError::Fenced(fenced)) => {
                Err(JournalError::Fenced { holder: fenced.holder.unwrap_or_else(|| "nobody any more".to_owned()) })
            }
            Err(RenewError::Logbook(error)) => Err(error.into()),
        }
    }

    fn release(&self, lease: &Held) -> Result<(), JournalError> {
        self.logbook.release(&token(lease))?;
        Ok(())
    }

    fn head(&self) -> Result<Option<(u64, String)>, JournalError> {
        Ok(self.logbook.head()?.map(|head| (head.seq, head.hash.as_str().to_owned())))
    }
}
