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
        Self { rows, index, digest: hash_of_bytes(text.as_bytes()) }
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

    /// The numbers of the rows about one symbol: a name, or for members `Class::name` in two parts.
    pub(crate) fn about(&self, kind: Kind, name: Folded<'_>) -> std::ops::Range<u32> {
        self.index.find(&self.rows, kind, name)
    }

    /// Whether any class has rows about a method (property, constant) of this name.
    pub(crate) fn has_member(&self, kind: Kind, name: &str) -> bool {
        self.index.has_member(&self.rows, kind, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
