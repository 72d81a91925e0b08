//! The one thread of a process that writes: it takes what waits, and commits it in one transaction with one fsync.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use rusqlite::{Connection, TransactionBehavior};

use crate::append::Ledger;
use crate::error::LogbookError;
use crate::reserve::Reserve;
use crate::wait::Bell;

/// How many jobs may share a transaction, and how many more may wait before callers block.
pub(crate) const GROUP: usize = 1024;

/// Something to be done in a transaction that it may share with others.
pub(crate) trait Job: Send {
    /// Does it, within the transaction; keeps the outcome. A refusal is an outcome and writes nothing; an error undoes the whole
    /// transaction. Called again when the transaction has to be repeated.
    fn apply(&mut self, ledger: &mut Ledger<'_>) -> Result<(), LogbookError>;

    /// Tells the caller, once it is known whether the transaction is durable.
    fn finish(self: Box<Self>, committed: Result<(), LogbookError>);
}

/// A job that is one function, such as those on leases.
pub(crate) struct Request<T, F> {
    pub(crate) work: F,
    pub(crate) outcome: Option<T>,
    pub(crate) reply: SyncSender<Result<T, LogbookError>>,
}

impl<T: Send, F: FnMut(&Connection) -> Result<T, LogbookError> + Send> Job for Request<T, F> {
    fn apply(&mut self, ledger: &mut Ledger<'_>) -> Result<(), LogbookError> {
        self.outcome = Some((self.work)(ledger.connection)?);
        Ok(())
    }

    fn finish(self: Box<Self>, committed: Result<(), LogbookError>) {
        let Self { outcome, reply, .. } = *self;
        let answer = committed.and_then(|()| outcome.ok_or(LogbookError::Stopped));
        // A caller that no longer waits has died with its answer.
        let _gone = reply.send(answer);
    }
}

pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) reserve: Reserve,
    pub(crate) bell: Arc<Bell>,
}

impl Writer {
    /// Runs until every sender is gone.
    pub(crate) fn run(mut self, jobs: Receiver<Box<dyn Job>>) {
        let mut group = Vec::new();
        while let Ok(first) = jobs.recv() {
            group.push(first);
            group.extend(jobs.try_iter().take(GROUP - 1));
            self.commit(&mut group);
        }
        // The log stays (see `reserve`), but the main file alone is complete now.
        let _best_effort = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    }

    /// Commits the group together; when that fails, each alone, so that one does no harm to the others.
    fn commit(&mut self, group: &mut Vec<Box<dyn Job>>) {
        match self.attempt_with_reserve(group) {
            Ok(()) => group.drain(..).for_each(|job| job.finish(Ok(()))),
            Err(LogbookError::Busy) => group.drain(..).for_each(|job| job.finish(Err(LogbookError::Busy))),
            Err(error) if group.len() == 1 => {
                if let Some(job) = group.pop() {
                    job.finish(Err(error));
                }
            }
            Err(_) => {
                for job in group.drain(..) {
                    self.commit(&mut vec![job]);
                }
            }
        }
    }

    fn attempt_with_reserve(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), LogbookError> {
        match self.attempt(group) {
            Err(LogbookError::Full(_)) if self.reserve.give_up() => self.attempt(group),
            Ok(()) if self.reserve.is_spent() => {
                self.reserve.keep();
                Ok(())
            }
            other => other,
        }
    }

    fn attempt(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), LogbookError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut ledger = Ledger::open(&transaction)?;
        for job in group.iter_mut() {
            job.apply(&mut ledger)?;
        }
        let head = ledger.seq;
        transaction.commit()?;
        self.bell.ring(head);
        Ok(())
    }
}
