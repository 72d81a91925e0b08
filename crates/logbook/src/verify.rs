//! Verifying: is this still the logbook that was written?
//!
//! The chain shows every change inside the logbook. It cannot show that its tail was cut off, nor that everything from some entry on
//! was written anew with fresh hashes: that takes a witness, a head that somebody else remembers.

use rusqlite::Connection;

use crate::chain::{GENESIS, Hash, Hasher};
use crate::error::LogbookError;
use crate::logbook::Logbook;
use crate::read::{COLUMNS, Stored};
use crate::record::Head;

/// A logbook that verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub count: u64,
    /// The last of them.
    pub head: Option<Head>,
    /// How many of the witnesses' heads were found in it.
    pub witnessed: usize,
}

/// What was done to the first entry that is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tampering {
    /// Its content or its hash was changed.
    Altered,
    /// It was removed.
    Missing,
    /// It stands at another place.
    Reordered,
    /// A foreign entry stands in its place, and it comes after.
    Inserted,
    /// The chain is whole, but it is not the one that a witness saw: from some entry on it was written anew, no later than here.
    Rewritten,
    /// A witness saw this entry, and the logbook ends before it.
    Truncated,
}

/// The first entry that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq} is not as it was written: {detail}")]
pub struct Tampered {
    /// Its position.
    pub seq: u64,
    /// What was done to it.
    pub what: Tampering,
    /// The same for a person.
    pub detail: String,
}

/// Why a logbook did not verify.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is not as it was written.
    #[error(transparent)]
    Tampered(#[from] Tampered),
    /// It could not be read.
    #[error(transparent)]
    Logbook(#[from] LogbookError),
}

impl Logbook {
    /// Reads everything and checks the chain, and that each witness's head is part of it.
    pub fn verify(&self, witnesses: &[Head]) -> Result<Verified, VerifyError> {
        let mut witnesses: Vec<&Head> = witnesses.iter().collect();
        witnesses.sort_by_key(|head| head.seq);
        let mut left = witnesses.iter().peekable();
        let mut good = 0;
        let (count, hash) = self.check(u64::MAX, |seq, hash| {
            while let Some(witness) = left.next_if(|witness| witness.seq == seq) {
                if witness.hash != Head::new(seq, hash).hash {
                    let detail = format!("the chain was written anew: after entry {good}, up to this one");
                    return Err(Tampered { seq, what: Tampering::Rewritten, detail });
                }
                good = seq;
            }
            Ok(())
        })?;
        // Entry 0 does not exist: a witness of it saw an empty logbook.
        if let Some(witness) = witnesses.last().filter(|witness| witness.seq > count) {
            let detail =
                format!("it and all after it are gone; the logbook once reached at least entry {}", witness.seq);
            return Err(Tampered { seq: count + 1, what: Tampering::Truncated, detail }.into());
        }
        Ok(Verified { count, head: (count > 0).then(|| Head::new(count, &hash)), witnessed: witnesses.len() })
    }

    /// Checks the chain up to `to`, showing each good entry's hash; the last good one.
    fn check(
        &self,
        to: u64,
        mut good: impl FnMut(u64, &Hash) -> Result<(), Tampered>,
    ) -> Result<(u64, Hash), VerifyError> {
        let reader = self.shared.readers.take()?;
        // One snapshot for the walk and for the search after a fault.
        let snapshot = reader.unchecked_transaction().map_err(LogbookError::from)?;
        let mut chain = Chain { hasher: Hasher::default(), seq: 0, hash: GENESIS };
        let mut statement = snapshot
            .prepare_cached(&format!("SELECT {COLUMNS} FROM entries WHERE seq <= ?1 ORDER BY seq"))
            .map_err(LogbookError::from)?;
        let mut rows = statement.query([i64::try_from(to).unwrap_or(i64::MAX)]).map_err(LogbookError::from)?;
        while let Some(row) = rows.next().map_err(LogbookError::from)? {
            let row = Stored::from_row(row)?;
            if !chain.follow(&row) {
                return Err(diagnose(&snapshot, &mut chain, &row)?.into());
            }
            good(chain.seq, &chain.hash)?;
        }
        if to != u64::MAX && chain.seq < to {
            return Err(missing(chain.seq + 1).into());
        }
        Ok((chain.seq, chain.hash))
    }
}

/// Checks the chain up to an entry that is known to exist.
pub(crate) fn check_range(logbook: &Logbook, to: u64) -> Result<(), VerifyError> {
    logbook.check(to, |_, _| Ok(())).map(|_| ())
}

/// A walk along entries that are as they were written.
struct Chain {
    hasher: Hasher,
    seq: u64,
    hash: Hash,
}

impl Chain {
    /// Goes on to this row, if it is the next entry.
    fn follow(&mut self, row: &Stored<'_>) -> bool {
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

fn missing(seq: u64) -> Tampered {
    Tampered { seq, what: Tampering::Missing, detail: "it was removed".into() }
}

/// Says what was done, given the row at which the chain broke.
fn diagnose(snapshot: &Connection, chain: &mut Chain, row: &Stored<'_>) -> Result<Tampered, LogbookError> {
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
    let mut shifted = Chain { hasher: Hasher::default(), seq: chain.seq, hash: chain.hash };
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
    let mut moved = Chain { hasher: Hasher::default(), seq: chain.seq + 2, hash };
    let mut statement = snapshot.prepare(&format!("SELECT {COLUMNS} FROM entries WHERE seq = ?1"))?;
    let mut rows = statement.query([row.seq + 1])?;
    let Some(next) = rows.next()? else { return Ok(false) };
    let next = Stored::from_row(next)?;
    Ok(moved.next_would_be(&next) == next.hash)
}
