//! Checking a chain on several cores.
//!
//! Each entry's hash needs only the stored hash before it, so that a segment can be checked alone; that the hash it starts from is
//! right is checked with the segment before.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use rusqlite::{Connection, OptionalExtension as _};

use crate::chain::Hash;
use crate::diagnosis::Chain;
use crate::error::LogbookError;
use crate::logbook::Logbook;
use crate::read::{COLUMNS, Stored};

/// Entries checked in one go: short enough to share the work evenly, long enough that the look-ups between do not count.
const SEGMENT: u64 = 16 * 1024;

/// Whether entries 1 to `end` are all there and as they were written, and none before them. What cannot be read is not whole.
pub(crate) fn is_whole(logbook: &Logbook, end: u64) -> bool {
    let (next, broken) = (AtomicU64::new(0), AtomicBool::new(false));
    let work = || {
        let whole = check_segments(logbook, end, &next, &broken);
        if !matches!(whole, Ok(true)) {
            broken.store(true, Ordering::Relaxed);
        }
    };
    let segments = end.div_ceil(SEGMENT);
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(usize::try_from(segments).unwrap_or(1));
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    !broken.into_inner()
}

fn check_segments(logbook: &Logbook, end: u64, next: &AtomicU64, broken: &AtomicBool) -> Result<bool, LogbookError> {
    let reader = logbook.shared.readers.take()?;
    while !broken.load(Ordering::Relaxed) {
        let after = next.fetch_add(SEGMENT, Ordering::Relaxed);
        // An empty logbook has one segment too: nothing may stand at 0 or below.
        if after > 0 && after >= end {
            return Ok(true);
        }
        if !check_segment(&reader, after, end.min(after + SEGMENT))? {
            return Ok(false);
        }
    }
    Ok(false)
}

fn check_segment(reader: &Connection, after: u64, to: u64) -> Result<bool, LogbookError> {
    let Some(mut chain) = chain_after(reader, after)? else { return Ok(false) };
    let mut statement =
        reader.prepare_cached(&format!("SELECT {COLUMNS} FROM entries WHERE seq > ?1 AND seq <= ?2 ORDER BY seq"))?;
    let from = if after == 0 { i64::MIN } else { after.cast_signed() };
    let mut rows = statement.query([from, to.cast_signed()])?;
    while let Some(row) = rows.next()? {
        if !chain.follow(&Stored::from_row(row)?) {
            return Ok(false);
        }
    }
    Ok(chain.seq == to)
}

/// The chain after this entry, as it is stored; `None` when there is no such entry.
pub(crate) fn chain_after(reader: &Connection, seq: u64) -> Result<Option<Chain>, LogbookError> {
    if seq == 0 {
        return Ok(Some(Chain::start()));
    }
    let mut statement = reader.prepare_cached("SELECT hash FROM entries WHERE seq = ?1")?;
    let hash = statement.query_row([seq.cast_signed()], |row| row.get::<_, Hash>(0)).optional()?;
    Ok(hash.map(|hash| Chain::after(seq, hash)))
}
