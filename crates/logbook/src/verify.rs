//! Verifying: is this still the logbook that was written?
//!
//! The chain shows every change inside the logbook. It cannot show that its tail was cut off, nor that everything from some entry on
//! was written anew with fresh hashes: that takes a witness, a head that somebody else remembers.

use crate::chain::Hash;
use crate::diagnosis::{Chain, diagnose, missing};
use crate::error::LogbookError;
use crate::logbook::Logbook;
use crate::read::{COLUMNS, Stored};
use crate::record::{Head, Record};
use crate::segments::is_whole;

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
        if let Some(verified) = self.verify_at_once(&witnesses)? {
            return Ok(verified);
        }
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

    /// The quick way, on all cores. `None` when anything is not as it should be: then the slow way says what.
    fn verify_at_once(&self, witnesses: &[&Head]) -> Result<Option<Verified>, LogbookError> {
        let end = self.last()?;
        let count = end.map_or(0, |(seq, _)| seq);
        if !is_whole(self, count) {
            return Ok(None);
        }
        for witness in witnesses.iter().filter(|witness| witness.seq > 0) {
            let there = self.read(witness.seq - 1, 1)?;
            if there.first().map(Record::head).as_ref() != Some(*witness) {
                return Ok(None);
            }
        }
        let head = end.map(|(seq, hash)| Head::new(seq, &hash));
        Ok(Some(Verified { count, head, witnessed: witnesses.len() }))
    }

    /// Checks the chain up to `to`, in order and as it stands at one moment.
    pub(crate) fn check_to(&self, to: u64) -> Result<(), VerifyError> {
        self.check(to, |_, _| Ok(())).map(|_| ())
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
        let mut chain = Chain::start();
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
