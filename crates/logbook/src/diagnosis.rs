//! The walk along the chain, and what it says when it breaks.

use rusqlite::Connection;

use crate::chain::{GENESIS, Hash, Hasher};
use crate::error::LogbookError;
use crate::read::{COLUMNS, Stored};
use crate::verify::{Tampered, Tampering};

/// A walk along entries that are as they were written.
pub(crate) struct Chain {
    hasher: Hasher,
    pub(crate) seq: u64,
    pub(crate) hash: Hash,
}

impl Chain {
    /// After this entry; 0 and [`GENESIS`] are before the first.
    pub(crate) fn after(seq: u64, hash: Hash) -> Self {
        Self { hasher: Hasher::default(), seq, hash }
    }

    /// Before the first entry.
    pub(crate) fn start() -> Self {
        Self::after(0, GENESIS)
    }

    /// Goes on to this row, if it is the next entry.
    pub(crate) fn follow(&mut self, row: &Stored<'_>) -> bool {
        let next = self.seq + 1;
        let ours = u64::try_from(row.seq) == Ok(next);
        let hash = self.next_would_be(row);
        if !ours || hash != row.hash {
            return false;
        }
        (self.seq, self.hash) = (next, hash);
        true
    }

    /// The hash of the row's content if it were the next entry.
    fn next_would_be(&mut self, row: &Stored<'_>) -> Hash {
        self.hasher.hash(&self.hash, self.seq + 1, &row.parts)
    }
}

pub(crate) fn missing(seq: u64) -> Tampered {
    Tampered { seq, what: Tampering::Missing, detail: "it was removed".into() }
}

/// Says what was done, given the row at which the chain broke.
pub(crate) fn diagnose(snapshot: &Connection, chain: &mut Chain, row: &Stored<'_>) -> Result<Tampered, LogbookError> {
    let seq = chain.seq + 1;
    let tampered = |what, detail: String| Tampered { seq, what, detail };
    if row.seq < seq.cast_signed() {
        return Ok(Tampered {
            seq: seq.saturating_sub(1),
            what: Tampering::Inserted,
            detail: format!("a foreign entry was put in at place {}", row.seq),
        });
    }
    let stands_here = row.seq == seq.cast_signed();
    match belongs_here(snapshot, chain, stands_here.then_some(row.hash))? {
        Some(place) if stands_here && place == row.seq + 1 && !returns(snapshot, chain, row)? => {
            Ok(tampered(Tampering::Inserted, format!("a foreign entry was put in before it; it stands at {place} now")))
        }
        Some(place) => Ok(tampered(Tampering::Reordered, format!("it stands at {place} now"))),
        None if !stands_here || closes_gap(snapshot, chain, row)? => Ok(missing(seq)),
        None => Ok(tampered(Tampering::Altered, "its content does not match its hash and the entry before it".into())),
    }
}

/// Where the entry that should come next stands: one whose content, put next, gives its own hash or the one that stands there.
fn belongs_here(
    snapshot: &Connection,
    chain: &mut Chain,
    hash_here: Option<&[u8]>,
) -> Result<Option<i64>, LogbookError> {
    let mut statement = snapshot.prepare(&format!("SELECT {COLUMNS} FROM entries WHERE seq > ?1 ORDER BY seq"))?;
    let mut rows = statement.query([(chain.seq + 1).cast_signed()])?;
    while let Some(row) = rows.next()? {
        let row = Stored::from_row(row)?;
        let hash = chain.next_would_be(&row);
        if hash == row.hash || hash_here == Some(&hash[..]) {
            return Ok(Some(row.seq));
        }
    }
    Ok(None)
}

/// The entries from here on stand one place too far: is the row that pushed them one of them, moved here from further on?
fn returns(snapshot: &Connection, chain: &Chain, row: &Stored<'_>) -> Result<bool, LogbookError> {
    let mut shifted = Chain::after(chain.seq, chain.hash);
    let mut statement = snapshot.prepare(&format!("SELECT {COLUMNS} FROM entries WHERE seq > ?1 ORDER BY seq"))?;
    let mut rows = statement.query([row.seq])?;
    while let Some(next) = rows.next()? {
        let next = Stored::from_row(next)?;
        let hash = shifted.next_would_be(&next);
        if hash != next.hash || next.seq != (shifted.seq + 2).cast_signed() {
            break;
        }
        (shifted.seq, shifted.hash) = (shifted.seq + 1, hash);
    }
    Ok(shifted.next_would_be(row) == row.hash)
}

/// Whether the row is the entry after the one that should stand here, moved up together with those that follow it.
fn closes_gap(snapshot: &Connection, chain: &Chain, row: &Stored<'_>) -> Result<bool, LogbookError> {
    let Ok(hash) = Hash::try_from(row.hash) else { return Ok(false) };
    let mut moved = Chain::after(chain.seq + 2, hash);
    let mut statement = snapshot.prepare(&format!("SELECT {COLUMNS} FROM entries WHERE seq = ?1"))?;
    let mut rows = statement.query([row.seq + 1])?;
    let Some(next) = rows.next()? else { return Ok(false) };
    let next = Stored::from_row(next)?;
    Ok(moved.next_would_be(&next) == next.hash)
}
