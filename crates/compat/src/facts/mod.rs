//! What changed in PHP, as a table.
//!
//! The table is data: `facts/php.tsv`, whose header says what its columns mean. Each row says what one version did to one symbol, under one
//! condition, with its source. Supporting a new version of PHP is adding rows.

mod index;
mod internal;
mod read;
mod row;
mod when;

use std::sync::OnceLock;

use crate::version::Versions;

pub use read::{InvalidRow, Why};
pub use row::{Effect, Kind, Row};
pub use when::{ArgKind, Term, When};

use index::Index;
pub(crate) use index::{Folded, hash_of, hash_of_bytes};
pub(crate) use internal::Internal;

/// The table as it was built in.
const PHP: &str = include_str!("../../facts/php.tsv");

/// A table of facts, ready to be asked.
#[derive(Debug)]
pub struct Facts<'t> {
    rows: Vec<Row<'t>>,
    /// For each row the versions on which it is what counts.
    matters: Vec<Versions>,
    index: Index,
    digest: u64,
}

impl Facts<'static> {
    /// The facts that this program knows. Read once, when first asked for.
    pub fn known() -> &'static Self {
        static KNOWN: OnceLock<Facts<'static>> = OnceLock::new();
        // What is wrong in the table fails a test; a row that cannot be read is left out rather than stopping a scan.
        KNOWN.get_or_init(|| Facts::new(read::rows(PHP).filter_map(Result::ok).collect(), PHP))
    }
}

impl<'t> Facts<'t> {
    /// Reads a table.
    ///
    /// # Errors
    /// The first line that is no row, or that is not in order.
    pub fn read(text: &'t str) -> Result<Self, InvalidRow> {
        let rows = read::rows(text).collect::<Result<Vec<_>, _>>()?;
        read::in_order(text)?;
        Ok(Self::new(rows, text))
    }

    fn new(rows: Vec<Row<'t>>, text: &str) -> Self {
        let index = Index::new(&rows);
        let matters = rows.iter().enumerate().map(|(number, row)| matters(&rows, number, row)).collect();
        Self { rows, matters, index, digest: hash_of_bytes(text.as_bytes()) }
    }

    /// All rows, in order.
    pub fn rows(&self) -> &[Row<'t>] {
        &self.rows
    }

    /// A number that changes with the table.
    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    /// One row.
    pub(crate) fn row(&self, number: u32) -> &Row<'t> {
        &self.rows[number as usize]
    }

    /// The versions on which a row is what counts: those on which what was added is not there yet, or on which what was removed has not come
    /// back.
    pub(crate) fn matters(&self, number: u32) -> Versions {
        self.matters[number as usize]
    }

    /// The numbers of the rows about one symbol: a name, or for members `Class::name` in two parts.
    pub(crate) fn about(&self, kind: Kind, name: Folded<'_>) -> std::ops::Range<u32> {
        self.index.find(&self.rows, kind, name)
    }

    /// Whether any class has rows about a method (property, constant) of this name.
    pub(crate) fn has_member(&self, kind: Kind, name: &str) -> bool {
        self.index.has_member(&self.rows, kind, name)
    }
}

fn matters(rows: &[Row<'_>], number: usize, row: &Row<'_>) -> Versions {
    let is_same = |other: &&Row<'_>| other.kind == row.kind && other.name.eq_ignore_ascii_case(row.name);
    if row.effect == Effect::Added {
        // What was there before and was removed: the row of the removal counts.
        let mut before = rows[..number].iter().rev().take_while(is_same).filter(|before| before.when == row.when);
        let was_there = before.any(|before| before.effect.fails());
        return if was_there { Versions::NONE } else { Versions::before(row.version) };
    }
    // What a later row says of the same replaces it; what works otherwise since one version does so on all later ones.
    let ends = |after: &&Row<'_>| match row.effect {
        Effect::Changed => false,
        Effect::Deprecated => after.effect != Effect::Deprecated,
        _ => matches!(after.effect, Effect::Added | Effect::Changed | Effect::Deprecated),
    };
    let since = Versions::from(row.version);
    let after = rows[number + 1..].iter().take_while(is_same).filter(|after| after.when == row.when);
    let next = { after }.find(ends);
    next.map_or(since, |next| since.and(Versions::before(next.version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_is_gone_only_between() {
        let row = |version: &str, effect: &str| {
            format!("function\tdl\t-\t{version}\t{effect}\t-\t-\thttps://www.php.net/a\n")
        };
        let table = [row("5.4", "deprecated"), row("7.0", "removed"), row("8.1", "added")].concat();
        let facts = Facts::read(&table).unwrap();
        let versions = |number| facts.matters(number).iter().map(|version| version.to_string()).collect::<Vec<_>>();
        assert_eq!(versions(1), ["7.0", "7.1", "7.2", "7.3", "7.4", "8.0"]);
        assert!(facts.matters(2).is_empty());
        assert_eq!(versions(0), ["5.4", "5.5", "5.6"]);
        let added = row("8.1", "added");
        let facts = Facts::read(&added).unwrap();
        assert!(
            facts.matters(0).has(crate::version::Version::new(8, 0))
                && !facts.matters(0).has(crate::version::Version::new(8, 1))
        );
    }

    #[test]
    fn the_table_holds() {
        let facts = Facts::read(PHP).unwrap_or_else(|error| panic!("{error}"));
        assert!(!facts.rows().is_empty());
    }

    #[test]
    fn a_symbol_is_found_as_php_finds_it() {
        let table = "\
            class-constant\tPDO::A\t-\t8.0\tremoved\t-\t-\thttps://www.php.net/a\n\
            constant\tFOO\t-\t8.0\tremoved\t-\t-\thttps://www.php.net/a\n\
            function\teach\t-\t7.2\tdeprecated\t-\t-\thttps://www.php.net/a\n\
            function\teach\t-\t8.0\tremoved\t-\t-\thttps://www.php.net/a\n\
            method\tPDO::old\t-\t8.0\tremoved\t-\t-\thttps://www.php.net/a\n";
        let facts = Facts::read(table).unwrap();
        let of = |kind, name| facts.about(kind, name).len();
        assert_eq!(of(Kind::Function, Folded::one("EACH")), 2);
        assert_eq!(of(Kind::Function, Folded::one("eac")), 0);
        assert_eq!(of(Kind::Constant, Folded::one("FOO")), 1);
        assert_eq!(of(Kind::Constant, Folded::one("foo")), 0, "constants have a case");
        assert_eq!(of(Kind::Method, Folded::member("pdo", "OLD")), 1);
        assert_eq!(of(Kind::ClassConstant, Folded::member("pdo", "A")), 1);
        assert_eq!(of(Kind::ClassConstant, Folded::member("PDO", "a")), 0);
        assert!(facts.has_member(Kind::Method, "Old") && !facts.has_member(Kind::Method, "new"));
    }
}
