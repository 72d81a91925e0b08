//! Finds the rows about a name without copying or folding it: names are hashed and compared as PHP does, where most of them have no case.

use super::{Kind, Row};

/// A name as it stands in code, with its hash. Hashed and compared without case, but for the last part of what has a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Folded<'n> {
    class: &'n str,
    name: &'n str,
    hash: u64,
}

impl<'n> Folded<'n> {
    /// `name`
    pub(crate) fn one(name: &'n str) -> Self {
        Self { class: "", name, hash: hash_of(name) }
    }

    /// `class::name`; a property without its `$`.
    pub(crate) fn member(class: &'n str, name: &'n str) -> Self {
        Self { class, name, hash: mix(hash_of(class), hash_of(name)) }
    }

    /// The hash of the whole.
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }
}

/// Open addressing over the rows' names; each slot has the first row of a name, and the rows of one name are neighbours.
#[derive(Debug)]
pub(super) struct Index {
    slots: Vec<u32>,
    mask: u64,
    /// Names of members whatever the class, by the same scheme: the row of any of them.
    members: Vec<u32>,
    member_mask: u64,
}

const EMPTY: u32 = u32::MAX;
const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const FACTOR: u64 = 0x517c_c1b7_2722_0a95;

fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(FACTOR)
}

/// The hash of a name without its case: the bit that tells an ASCII letter's case is set in every byte. What else that makes the same is told
/// apart when names are compared.
pub(crate) fn hash_of(name: &str) -> u64 {
    const CASE: u64 = 0x2020_2020_2020_2020;
    let (words, rest) = name.as_bytes().as_chunks::<8>();
    let hash = words.iter().fold(SEED, |hash, word| mix(hash, u64::from_le_bytes(*word) | CASE));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let hash = mix(hash, (u64::from_le_bytes(last) | CASE) ^ rest.len() as u64);
    hash ^ (hash >> 32)
}

/// The hash of bytes as they are.
pub(crate) fn hash_of_bytes(bytes: &[u8]) -> u64 {
    bytes.iter().fold(SEED, |hash, byte| mix(hash, u64::from(*byte)))
}

fn hash(kind: Kind, name: Folded<'_>) -> u64 {
    let hash = mix(name.hash, kind as u64);
    hash ^ (hash >> 29)
}

/// The parts of a row's name.
fn parts<'t>(row: &Row<'t>) -> Folded<'t> {
    match row.name.split_once("::") {
        Some((class, name)) => Folded::member(class, name.strip_prefix('$').unwrap_or(name)),
        None => Folded::one(row.name.strip_prefix('$').unwrap_or(row.name)),
    }
}

fn is_same(kind: Kind, known: Folded<'_>, name: Folded<'_>) -> bool {
    let same_name = if kind.has_case() { known.name == name.name } else { known.name.eq_ignore_ascii_case(name.name) };
    same_name && known.class.eq_ignore_ascii_case(name.class)
}

impl Index {
    pub(super) fn new(rows: &[Row<'_>]) -> Self {
        let size = (rows.len() * 2 + 1).next_power_of_two();
        let mask = size as u64 - 1;
        let mut index = Self { slots: vec![EMPTY; size], mask, members: vec![EMPTY; size], member_mask: mask };
        for (number, row) in (0_u32..).zip(rows) {
            let name = parts(row);
            let before = number.checked_sub(1).map(|before| &rows[before as usize]);
            // Neighbours of one name share the slot of the first.
            if before.is_some_and(|before| before.kind == row.kind && is_same(row.kind, parts(before), name)) {
                continue;
            }
            let slot = index.free(hash(row.kind, name), |_| false);
            index.slots[slot] = number;
            if !name.class.is_empty() {
                let name = Folded::one(name.name);
                let known = |known: u32| is_member(rows, known, row.kind, name);
                let at = probe(&index.members, index.member_mask, hash(row.kind, name), known);
                index.members[at] = number;
            }
        }
        index
    }

    fn free(&self, hash: u64, known: impl Fn(u32) -> bool) -> usize {
        probe(&self.slots, self.mask, hash, known)
    }

    /// The rows of one name.
    pub(super) fn find(&self, rows: &[Row<'_>], kind: Kind, name: Folded<'_>) -> std::ops::Range<u32> {
        let is_it = |row: &Row<'_>| row.kind == kind && is_same(kind, parts(row), name);
        let slot = self.free(hash(kind, name), |number| is_it(&rows[number as usize]));
        let first = self.slots[slot];
        if first == EMPTY {
            return 0..0;
        }
        let many = rows[first as usize..].iter().take_while(|row| is_it(row)).count();
        first..first + u32::try_from(many).unwrap_or(0)
    }

    pub(super) fn has_member(&self, rows: &[Row<'_>], kind: Kind, name: &str) -> bool {
        let name = Folded::one(name);
        let at = probe(&self.members, self.member_mask, hash(kind, name), |known| is_member(rows, known, kind, name));
        self.members[at] != EMPTY
    }
}

fn is_member(rows: &[Row<'_>], number: u32, kind: Kind, name: Folded<'_>) -> bool {
    let row = &rows[number as usize];
    row.kind == kind && is_same(kind, Folded::one(parts(row).name), name)
}

/// The slot of what is known, or the free one where it would be.
fn probe(slots: &[u32], mask: u64, hash: u64, known: impl Fn(u32) -> bool) -> usize {
    let mut at = hash & mask;
    loop {
        // The mask is smaller than the number of slots, which is one in memory.
        let slot = usize::try_from(at).unwrap_or(0);
        if slots[slot] == EMPTY || known(slots[slot]) {
            return slot;
        }
        at = (at + 1) & mask;
    }
}
