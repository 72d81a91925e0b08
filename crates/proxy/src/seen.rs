//! How many clients asked in a canary, on each side: who got no error counts for the judge as much as who did.
//!
//! A bit for each place that a client's hash may fall on: written by every request of a canary, without a lock, and never larger. Two
//! clients on one place are one, which a few hundred clients hardly ever are; for more of them each new bit stands for as many clients
//! as it takes on average to find a place that is free (Ting, *KDD* 2014: with that the count is right on average, however many there are).

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::{Deserialize, Serialize};

use crate::canary::{ClientId, mix};
use crate::counters::Role;

/// Places on each side: 8 KiB.
const PLACES: u64 = 1 << 16;

/// Clients are counted in parts of so many, since a bit stands for more than one.
pub(crate) const UNIT: u64 = 1 << 16;

/// The clients of the canary of the moment at its share of the moment.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Salt and share, percent: with another share clients change sides, and are counted anew.
    of: Mutex<Option<(u64, u8)>>,
    current: Side,
    candidate: Side,
}

#[derive(Debug)]
struct Side {
    taken: AtomicU64,
    bits: Box<[AtomicU64]>,
}

/// For a process that takes over: salt, share, and the words of each side's bits, current's first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remembered {
    salt: u64,
    percent: u8,
    sides: [Vec<u64>; 2],
}

impl Default for Seen {
    fn default() -> Self {
        let side = || Side { taken: AtomicU64::new(0), bits: (0..PLACES / 64).map(|_| AtomicU64::new(0)).collect() };
        Self { of: Mutex::default(), current: side(), candidate: side() }
    }
}

impl Side {
    fn set(&self, words: &[u64]) {
        for (bits, word) in self.bits.iter().zip(words.iter().chain(std::iter::repeat(&0))) {
            bits.store(*word, Relaxed);
        }
        self.taken.store(self.bits.iter().map(|bits| u64::from(bits.load(Relaxed).count_ones())).sum(), Relaxed);
    }

    /// What a client adds to the count.
    fn look(&self, client: ClientId) -> u64 {
        let place = mix(!client.0) % PLACES;
        let word = &self.bits[(place / 64) as usize];
        let bit = 1 << (place % 64);
        if word.load(Relaxed) & bit != 0 || word.fetch_or(bit, Relaxed) & bit != 0 {
            return 0;
        }
        let free = PLACES.saturating_sub(self.taken.fetch_add(1, Relaxed)).max(1);
        UNIT * PLACES / free
    }
}

impl Seen {
    fn side(&self, role: Role) -> &Side {
        match role {
            Role::Current => &self.current,
            Role::Candidate => &self.candidate,
        }
    }

    /// A canary with this salt takes this share, percent: when it is another than before, nobody has asked yet.
    pub(crate) fn begin(&self, salt: u64, percent: u8) {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if *of != Some((salt, percent)) {
            *of = Some((salt, percent));
            self.current.set(&[]);
            self.candidate.set(&[]);
        }
    }

    /// By how much the count of this side grows with this client's request, in parts of [`UNIT`].
    pub(crate) fn look(&self, role: Role, client: ClientId) -> u64 {
        self.side(role).look(client)
    }

    /// Who has asked: for a process that takes over.
    pub(crate) fn remembered(&self) -> Option<Remembered> {
        let of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let words = |side: &Side| side.bits.iter().map(|bits| bits.load(Relaxed)).collect();
        of.map(|(salt, percent)| Remembered { salt, percent, sides: [words(&self.current), words(&self.candidate)] })
    }

    /// Remembers what another process did.
    pub(crate) fn restore(&self, remembered: &Remembered) {
        *self.of.lock().unwrap_or_else(PoisonError::into_inner) = Some((remembered.salt, remembered.percent));
        self.current.set(&remembered.sides[0]);
        self.candidate.set(&remembered.sides[1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(seen: &Seen, role: Role, ids: impl IntoIterator<Item = u64>) -> u64 {
        ids.into_iter().map(|id| seen.look(role, ClientId(mix(id)))).sum::<u64>() / UNIT
    }

    #[test]
    fn each_client_counts_once_on_each_side_of_a_share() {
        let seen = Seen::default();
        seen.begin(1, 10);
        assert_eq!(counted(&seen, Role::Candidate, [7, 7, 8, 7]), 2);
        assert_eq!(counted(&seen, Role::Current, [7, 9]), 2);
        seen.begin(1, 10);
        assert_eq!(counted(&seen, Role::Candidate, [7, 8, 9]), 1, "the same share goes on");
        seen.begin(1, 50);
        assert_eq!(counted(&seen, Role::Candidate, [7, 8, 9]), 3, "another share");
        seen.begin(2, 50);
        assert_eq!(counted(&seen, Role::Candidate, [7]), 1, "another canary");
    }

    #[test]
    fn a_few_are_exact_and_many_are_about_right() {
        let seen = Seen::default();
        seen.begin(1, 10);
        assert_eq!(counted(&seen, Role::Candidate, 0..40), 40);
        for (role, many) in [(Role::Candidate, 5_000_u64), (Role::Current, 300_000)] {
            let counted = counted(&seen, role, 1_000_000..1_000_000 + many) as f64;
            assert!((counted / many as f64 - 1.0).abs() < 0.03, "{counted} of {many}");
        }
    }

    #[test]
    fn who_asked_before_a_hand_over_does_not_count_again_after_it() {
        let (before, after) = (Seen::default(), Seen::default());
        assert_eq!(before.remembered(), None);
        before.begin(1, 10);
        counted(&before, Role::Candidate, 0..100);
        after.restore(&before.remembered().unwrap());
        after.begin(1, 10);
        assert_eq!(counted(&after, Role::Candidate, 0..103), 3);
        assert_eq!(counted(&after, Role::Current, 0..3), 3);
    }
}
