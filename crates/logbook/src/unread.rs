//! An entry of which only what is asked for is read.

use rusqlite::types::ValueRef;
use rusqlite::{Row, RowIndex};
use sternway_core::ids::Epoch;
use sternway_core::time::Timestamp;

use crate::error::LogbookError;

/// The latest first. Without the hash: nothing that decodes entries one by one asks for it.
pub(crate) const SELECT: &str = "SELECT seq, at, environment, epoch, \"by\", kind, payload FROM entries WHERE seq > ?1 AND seq <= ?2 ORDER BY seq DESC";

/// An entry while it stands in SQLite's memory. A fold over millions spends a fifth of its time on taking out columns, so that each is
/// taken out when it is asked for. All fail on what no version of the program could have written.
#[derive(Debug, Clone, Copy)]
pub struct Unread<'a> {
    row: &'a Row<'a>,
}

impl<'a> Unread<'a> {
    pub(crate) fn new(row: &'a Row<'a>) -> Self {
        Self { row }
    }

    /// As in [`crate::Record`].
    pub fn seq(self) -> Result<u64, LogbookError> {
        u64::try_from(self.integer(0)?).map_err(|_| damaged("seq"))
    }

    /// As in [`crate::Record`].
    pub fn at(self) -> Result<Timestamp, LogbookError> {
        self.integer(1).map(Timestamp::from_millis)
    }

    /// As in [`crate::Record`].
    pub fn environment(self) -> Result<Option<&'a str>, LogbookError> {
        match self.row.get_ref(2)? {
            ValueRef::Null => Ok(None),
            value => text(value, "environment").map(Some),
        }
    }

    /// As in [`crate::Record`].
    pub fn epoch(self) -> Result<Option<Epoch>, LogbookError> {
        match self.row.get_ref(3)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(epoch) => Ok(Some(Epoch(epoch.cast_unsigned()))),
            _ => Err(damaged("epoch")),
        }
    }

    /// As in [`crate::Record`].
    pub fn by(self) -> Result<&'a str, LogbookError> {
        text(self.row.get_ref(4)?, "by")
    }

    /// As in [`crate::Record`].
    pub fn kind(self) -> Result<&'a str, LogbookError> {
        text(self.row.get_ref(5)?, "kind")
    }

    /// As in [`crate::Record`].
    pub fn payload(self) -> Result<&'a [u8], LogbookError> {
        match self.row.get_ref(6)? {
            ValueRef::Text(value) | ValueRef::Blob(value) => Ok(value),
            _ => Err(damaged("payload")),
        }
    }

    fn integer(self, column: impl RowIndex) -> Result<i64, LogbookError> {
        match self.row.get_ref(column)? {
            ValueRef::Integer(value) => Ok(value),
            _ => Err(damaged("number")),
        }
    }
}

fn text<'a>(value: ValueRef<'a>, column: &str) -> Result<&'a str, LogbookError> {
    match value {
        ValueRef::Text(value) | ValueRef::Blob(value) => std::str::from_utf8(value).map_err(|_| damaged(column)),
        _ => Err(damaged(column)),
    }
}

fn damaged(column: &str) -> LogbookError {
    LogbookError::Damaged { detail: format!("an entry has an impossible {column}") }
}
