//! Reading.

use std::time::{Duration, Instant};

use rusqlite::Row;
use rusqlite::types::ValueRef;
use sternway_core::ids::Epoch;
use sternway_core::time::Timestamp;

use crate::append::last;
use crate::chain::{Hash, Parts};
use crate::error::LogbookError;
use crate::logbook::Logbook;
use crate::record::{Head, Record, RecordRef};

/// How often other processes' appends are looked for while waiting.
const POLL: Duration = Duration::from_millis(10);

impl Logbook {
    /// The last entry; `None` in an empty logbook.
    pub fn head(&self) -> Result<Option<Head>, LogbookError> {
        Ok(self.last()?.map(|(seq, hash)| Head::new(seq, &hash)))
    }

    /// At most `limit` entries after `after` (0: from the first).
    pub fn read(&self, after: u64, limit: usize) -> Result<Vec<Record>, LogbookError> {
        let mut records = Vec::new();
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        self.walk(after, after.saturating_add(limit), |record| {
            records.push(record.to_record()?);
            Ok::<_, LogbookError>(())
        })?;
        Ok(records)
    }

    /// Shows each entry after `after` (0: from the first) as they stood at one moment, until `f` fails. `f` may use the logbook, for
    /// appending too. The chain is not checked: see [`Logbook::replay`].
    pub fn for_each<E: From<LogbookError>>(
        &self,
        after: u64,
        f: impl FnMut(RecordRef<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.walk(after, u64::MAX, f)
    }

    /// Waits until there is an entry after `seq`, from whatever process: `true`. `false` when the time is over.
    pub fn wait_past(&self, seq: u64, timeout: Duration) -> Result<bool, LogbookError> {
        let since = Instant::now();
        let reader = self.shared.readers.take()?;
        loop {
            if last(&reader)?.is_some_and(|(head, _)| head > seq) {
                return Ok(true);
            }
            let left = timeout.saturating_sub(since.elapsed());
            if left.is_zero() {
                return Ok(false);
            }
            if self.shared.bell.wait(seq, left.min(POLL)) {
                return Ok(true);
            }
        }
    }

    pub(crate) fn last(&self) -> Result<Option<(u64, Hash)>, LogbookError> {
        last(&*self.shared.readers.take()?)
    }

    pub(crate) fn walk<E: From<LogbookError>>(
        &self,
        after: u64,
        to: u64,
        mut f: impl FnMut(RecordRef<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let reader = self.shared.readers.take()?;
        let mut statement = reader
            .prepare_cached(&format!("SELECT {COLUMNS} FROM entries WHERE seq > ?1 AND seq <= ?2 ORDER BY seq"))
            .map_err(LogbookError::from)?;
        let bound = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
        let mut rows = statement.query([bound(after), bound(to)]).map_err(LogbookError::from)?;
        while let Some(row) = rows.next().map_err(LogbookError::from)? {
            f(Stored::from_row(row)?.to_ref()?)?;
        }
        Ok(())
    }
}

/// A row as it stands, its columns in the order of [`COLUMNS`]; nothing about its content is believed yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stored<'a> {
    pub(crate) seq: i64,
    pub(crate) parts: Parts<'a>,
    pub(crate) hash: &'a [u8],
}

pub(crate) const COLUMNS: &str = "seq, at, environment, epoch, \"by\", kind, payload, hash";

impl<'a> Stored<'a> {
    pub(crate) fn from_row(row: &'a Row<'_>) -> Result<Self, LogbookError> {
        let damaged =
            |column: &str| LogbookError::Damaged { detail: format!("an entry's {column} is of another type") };
        let integer = |value, column| match value {
            ValueRef::Integer(value) => Ok(value),
            _ => Err(damaged(column)),
        };
        let bytes = |value, column| match value {
            ValueRef::Text(value) | ValueRef::Blob(value) => Ok(value),
            _ => Err(damaged(column)),
        };
        let environment = match row.get_ref(2)? {
            ValueRef::Null => None,
            value => Some(bytes(value, "environment")?),
        };
        let epoch = match row.get_ref(3)? {
            ValueRef::Null => None,
            value => Some(integer(value, "epoch")?.cast_unsigned()),
        };
        let parts = Parts {
            at: integer(row.get_ref(1)?, "at")?,
            environment,
            epoch,
            by: bytes(row.get_ref(4)?, "by")?,
            kind: bytes(row.get_ref(5)?, "kind")?,
            payload: bytes(row.get_ref(6)?, "payload")?,
        };
        Ok(Self { seq: integer(row.get_ref(0)?, "seq")?, parts, hash: bytes(row.get_ref(7)?, "hash")? })
    }

    pub(crate) fn to_ref(self) -> Result<RecordRef<'a>, LogbookError> {
        let damaged =
            |column| LogbookError::Damaged { detail: format!("entry {} has an impossible {column}", self.seq) };
        let text = |bytes, column| std::str::from_utf8(bytes).map_err(|_| damaged(column));
        Ok(RecordRef {
            seq: u64::try_from(self.seq).map_err(|_| damaged("seq"))?,
            at: Timestamp::from_millis(self.parts.at),
            environment: self.parts.environment.map(|bytes| text(bytes, "environment")).transpose()?,
            epoch: self.parts.epoch.map(Epoch),
            by: text(self.parts.by, "by")?,
            kind: text(self.parts.kind, "kind")?,
            payload: self.parts.payload,
            hash: self.hash.try_into().map_err(|_| damaged("hash"))?,
        })
    }
}
