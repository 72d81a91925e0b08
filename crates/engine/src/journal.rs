//! The logbook behind the engine's port: entries to events and back.

use std::sync::Arc;
use std::time::Duration;

use sternway_core::event::{Entry, Event};
use sternway_core::ids::{EnvironmentName, Epoch};
use sternway_core::state::State;
use sternway_core::time::Timestamp;
use sternway_logbook::{
    AcquireError, AppendError, Draft, Guard, LeaseToken, Logbook, LogbookError, Record, RenewError, Unread,
};

use crate::checkpoint::{self, Keeper};
use crate::ports::{Clock, Held, Journal, JournalError};
use crate::session::EngineError;

/// The kind of [`Event::Observed`].
const OBSERVED: &str = "observed";

/// A logbook whose payloads are events.
#[derive(Clone)]
pub struct LogbookJournal {
    logbook: Logbook,
    clock: Arc<dyn Clock>,
    keeper: Arc<Keeper>,
}

/// Whether the checkpoint beside a logbook says what the logbook says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckpointStands {
    /// There is none, or none that would be used.
    Absent,
    /// It is what the entries up to this one fold into.
    Agrees {
        /// The last entry that it covers.
        seq: u64,
    },
    /// It is not.
    Disagrees {
        /// The last entry that it covers.
        seq: u64,
    },
}

impl LogbookJournal {
    /// Over this logbook; leases are reckoned by this clock.
    pub fn new(logbook: Logbook, clock: Arc<dyn Clock>) -> Self {
        Self { logbook, clock, keeper: Arc::default() }
    }

    /// The logbook itself, for verification and witnesses.
    pub fn logbook(&self) -> &Logbook {
        &self.logbook
    }

    /// Folds the whole logbook, from the checkpoint beside it if there is one.
    pub fn fold(&self) -> Result<State, EngineError> {
        self.fold_onto(State::default())
    }

    /// Folds what came after a state on top of it; on top of the checkpoint's when it is the empty one.
    pub fn fold_onto(&self, mut state: State) -> Result<State, EngineError> {
        let known = if state.head == 0 { checkpoint::load(&self.logbook) } else { None };
        if let Some(kept) = known {
            self.keeper.found(kept.head);
            state = kept;
            if self.fold_up_to(u64::MAX, &mut state).is_err() {
                // Whatever is wrong with the logbook itself is said by the fold of all of it.
                state = self.fold_from_the_first()?;
            }
        } else {
            self.fold_up_to(u64::MAX, &mut state)?;
        }
        self.keeper.offer(&self.logbook, &state);
        Ok(state)
    }

    /// Folds the whole logbook from its first entry, whatever the checkpoint says.
    pub fn fold_from_the_first(&self) -> Result<State, EngineError> {
        let mut state = State::default();
        self.fold_up_to(u64::MAX, &mut state)?;
        Ok(state)
    }

    /// Folds the entries that the checkpoint covers anew and compares.
    pub fn check_checkpoint(&self) -> Result<CheckpointStands, EngineError> {
        let Some((seq, is_kept)) = checkpoint::kept(&self.logbook) else { return Ok(CheckpointStands::Absent) };
        let mut state = State::default();
        self.fold_up_to(seq, &mut state)?;
        Ok(if is_kept(&state) { CheckpointStands::Agrees { seq } } else { CheckpointStands::Disagrees { seq } })
    }

    fn fold_up_to(&self, to: u64, state: &mut State) -> Result<(), EngineError> {
        let after = state.head;
        let apply = |line: &Line| {
            let (seq, applied) = match line {
                Line::Entry(entry) => (entry.seq, state.apply(entry)),
                Line::Passed { seq, environment, epoch } => (*seq, state.pass(*seq, environment.as_ref(), *epoch)),
            };
            applied.map_err(|source| EngineError::Illegal { seq, source })
        };
        self.logbook.decode_each(after, to, Line::read, apply)
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
    let event: Event = serde_json::from_str(text).map_err(|error| not_understood(error.to_string()))?;
    // What is passed over is chosen by its kind.
    if event.kind() == kind { Ok(event) } else { Err(not_understood(format!("it is {}", event.kind()))) }
}

/// What a fold needs of an entry.
#[expect(
    clippy::large_enum_variant,
    reason = "one for each of a few thousand entries at a time, in memory that is used again"
)]
enum Line {
    Entry(Entry),
    /// An observation of a rollout that ended later on. Most of a logbook are these, and none changes the state that the fold ends
    /// with: they are not even decoded.
    Passed {
        seq: u64,
        environment: Option<EnvironmentName>,
        epoch: Option<Epoch>,
    },
}

impl Line {
    /// `ended` are the environments of which a rollout is known to end later.
    fn read(ended: &mut Vec<EnvironmentName>, entry: Unread<'_>) -> Result<Self, EngineError> {
        let seq = entry.seq()?;
        let environment = entry
            .environment()?
            .map(EnvironmentName::new)
            .transpose()
            .map_err(|error| EngineError::Journal(JournalError::Broken { why: format!("entry {seq}: {error}") }))?;
        let (kind, epoch) = (entry.kind()?, entry.epoch()?);
        if kind == OBSERVED && environment.as_ref().is_some_and(|name| ended.contains(name)) {
            return Ok(Self::Passed { seq, environment, epoch });
        }
        let event = event_of(seq, kind, entry.payload()?)?;
        if let (Event::Closed { .. }, Some(name)) = (&event, &environment)
            && !ended.contains(name)
        {
            ended.push(name.clone());
        }
        Ok(Self::Entry(Entry { seq, at: entry.at()?, environment, epoch, by: entry.by()?.to_owned(), event }))
    }
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
    fn folded(&self) -> Result<State, EngineError> {
        self.fold()
    }

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
