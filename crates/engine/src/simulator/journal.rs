//! A logbook in memory with the guards of the real one.

use std::sync::Arc;
use std::time::Duration;

use sternway_core::event::{Entry, Event};
use sternway_core::ids::{EnvironmentName, Epoch};
use sternway_core::time::Timestamp;

use super::World;
use super::faults::Moment;
use crate::ports::{Held, Journal, JournalError};

fn dead() -> JournalError {
    JournalError::Broken { why: "the driver is dead".to_owned() }
}

impl Journal for Arc<World> {
    fn entries_after(&self, seq: u64) -> Result<Vec<Entry>, JournalError> {
        let inner = self.inner();
        if inner.dead {
            return Err(dead());
        }
        let from = usize::try_from(seq).unwrap_or(usize::MAX).min(inner.entries.len());
        Ok(inner.entries[from..].to_vec())
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
        // People write from elsewhere: what kills a driver does not kill them.
        let moment = lease.and_then(|_| self.boundary());
        if moment == Some(Moment::Before) {
            self.die();
        }
        let mut inner = self.inner();
        if inner.dead && lease.is_some() {
            return Err(dead());
        }
        if let Some(held) = lease
            && inner.lease.as_ref().is_some_and(|(newest, _)| newest.epoch != held.epoch)
        {
            let holder = inner.lease.as_ref().map(|(newest, _)| newest.holder.clone()).unwrap_or_default();
            return Err(JournalError::Fenced { holder });
        }
        if inner.full_until > at {
            return Err(JournalError::Broken { why: "no space left on device".to_owned() });
        }
        let head = inner.entries.len() as u64;
        if head != expected {
            return Err(JournalError::Moved { head });
        }
        let entries: Vec<Entry> = events
            .iter()
            .zip(head + 1..)
            .map(|(event, seq)| Entry {
                seq,
                at,
                environment: environment.cloned(),
                epoch: lease.map(|lease| lease.epoch),
                by: by.to_owned(),
                event: event.clone(),
            })
            .collect();
        inner.entries.extend(entries.iter().cloned());
        drop(inner);
        if moment.is_some() {
            self.die();
            return Err(dead());
        }
        Ok(entries)
    }

    fn wait_past(&self, _seq: u64, at_most: Duration) -> Result<(), JournalError> {
        self.pass(at_most);
        Ok(())
    }

    fn acquire(&self, environment: &EnvironmentName, holder: &str, ttl: Duration) -> Result<Held, JournalError> {
        let now = self.time();
        let mut inner = self.inner();
        if inner.dead {
            return Err(dead());
        }
        let before = inner.lease.clone();
        if let Some((held, until)) = &before
            && *until > now
            && held.holder != holder
        {
            return Err(JournalError::HeldBy { holder: held.holder.clone(), until: *until });
        }
        let held = Held {
            environment: environment.clone(),
            epoch: Epoch(before.as_ref().map_or(1, |(held, _)| held.epoch.0 + 1)),
            holder: holder.to_owned(),
            taken_from: before.map(|(held, _)| held.holder),
        };
        inner.lease = Some((held.clone(), now.plus(ttl)));
        Ok(held)
    }

    fn renew(&self, lease: &Held, ttl: Duration) -> Result<(), JournalError> {
        let now = self.time();
        let mut inner = self.inner();
        match &mut inner.lease {
            Some((held, until)) if held.epoch == lease.epoch => {
                *until = now.plus(ttl);
                Ok(())
            }
            other => Err(JournalError::Fenced {
                holder: other.as_ref().map(|(held, _)| held.holder.clone()).unwrap_or_default(),
            }),
        }
    }

    fn release(&self, lease: &Held) -> Result<(), JournalError> {
        let now = self.time();
        self.renew(lease, Duration::ZERO)?;
        if let Some((_, until)) = &mut self.inner().lease {
            *until = now;
        }
        Ok(())
    }

    fn head(&self) -> Result<Option<(u64, String)>, JournalError> {
        let head = self.inner().entries.len() as u64;
        Ok((head > 0).then(|| (head, format!("{head:064x}"))))
    }
}
