//! What PHP's own classes and functions look like, as reflection tells: `facts/classes.tsv`, `tentative.tsv`, `signatures.tsv`.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::{Folded, hash_of};

/// Shapes of PHP's own symbols.
pub(crate) struct Internal {
    /// By hash: what a class extends and implements.
    parents: HashMap<u64, Vec<&'static str>>,
    /// By hash: all classes that are named.
    classes: HashSet<u64>,
    /// By hash: the tentative return type of a method.
    tentative: HashMap<u64, &'static str>,
    /// By hash: a function's signature.
    signatures: HashMap<u64, Signature>,
}

/// The parameters of one of PHP's functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) required: usize,
    /// A letter for each parameter, as the table's header says.
    parameters: &'static str,
}

impl Signature {
    /// How many arguments it takes at most; `None` when any number.
    pub(crate) fn most(&self) -> Option<usize> {
        (!self.parameters.ends_with(['*', 'R'])).then_some(self.parameters.len())
    }

    /// Whether the parameter at a place, from 0, is a scalar that may not be null.
    pub(crate) fn refuses_null(&self, place: usize) -> bool {
        matches!(self.letter(place), b'n' | b'a')
    }

    /// Whether that parameter takes no array.
    pub(crate) fn refuses_array(&self, place: usize) -> bool {
        self.letter(place) == b'n'
    }

    /// Whether the parameter at a place, from 0, is taken by reference.
    pub(crate) fn by_reference(&self, place: usize) -> bool {
        matches!(self.letter(place), b'r' | b'R')
    }

    fn letter(&self, place: usize) -> u8 {
        let letters = self.parameters.as_bytes();
        match (letters.get(place), letters.last()) {
            (Some(letter), _) => *letter,
            (None, Some(last @ b'R')) => *last,
            _ => b'.',
        }
    }
}

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

impl Internal {
    /// Read once, when first asked for.
    pub(crate) fn known() -> &'static Self {
        static KNOWN: OnceLock<Internal> = OnceLock::new();
        KNOWN.get_or_init(Self::read)
    }

    fn read() -> Self {
        let parents = rows(include_str!("../../facts/classes.tsv"))
            .filter_map(|row| Some((hash_of(row.first()?), row.get(1)?.split(' ').collect())));
        let tentative = rows(include_str!("../../facts/tentative.tsv")).filter_map(|row| {
            let (class, method) = row.first()?.split_once("::")?;
            Some((Folded::member(class, method).hash(), *row.get(1)?))
        });
        let signatures = rows(include_str!("../../facts/signatures.tsv")).filter_map(|row| {
            let [name, required, parameters] = row[..] else { return None };
            Some((hash_of(name), Signature { required: required.parse().ok()?, parameters }))
        });
        let parents: HashMap<u64, Vec<&'static str>> = parents.collect();
        let above = parents.values().flatten().map(|name| hash_of(name));
        let with_methods = rows(include_str!("../../facts/tentative.tsv"))
            .filter_map(|row| Some(hash_of(row.first()?.split_once("::")?.0)));
        let classes = parents.keys().copied().chain(above).chain(with_methods).collect();
        Self { parents, classes, tentative: tentative.collect(), signatures: signatures.collect() }
    }

    /// What a class extends and implements directly.
    pub(crate) fn parents(&self, class: &str) -> &[&'static str] {
        self.parents.get(&hash_of(class)).map_or(&[], Vec::as_slice)
    }

    /// Whether it is one of PHP's own classes of which something is known.
    pub(crate) fn is_class(&self, class: &str) -> bool {
        self.classes.contains(&hash_of(class))
    }

    /// The class and all that it extends or implements, itself first.
    pub(crate) fn line_of<'c>(&'c self, class: &'c str) -> Vec<&'c str> {
        let mut line = vec![class];
        let mut at = 0;
        while let Some(class) = line.get(at).copied() {
            for parent in self.parents(class) {
                if !line.contains(parent) {
                    line.push(parent);
                }
            }
            at += 1;
        }
        line
    }

    /// The tentative return type of a method that one of PHP's classes declares itself.
    pub(crate) fn tentative(&self, class: &str, method: &str) -> Option<&'static str> {
        self.tentative.get(&Folded::member(class, method).hash()).copied()
    }

    /// The signature of one of PHP's functions.
    pub(crate) fn signature(&self, function: &str) -> Option<Signature> {
        self.signatures.get(&hash_of(function)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_all_that_it_stands_on() {
        let internal = Internal::known();
        assert_eq!(
            internal.line_of("InvalidArgumentException")[..3],
            ["InvalidArgumentException", "LogicException", "Exception"]
        );
        assert!(internal.line_of("arrayiterator").contains(&"Traversable"));
        assert_eq!(internal.line_of("App\\Own"), ["App\\Own"]);
    }

    #[test]
    fn signatures_are_known() {
        let signature = Internal::known().signature("STRPOS").unwrap();
        assert_eq!((signature.required, signature.most()), (2, Some(3)));
        assert!(signature.refuses_null(0) && !signature.by_reference(0));
        let end = Internal::known().signature("end").unwrap();
        assert!(end.by_reference(0) && !end.refuses_null(0));
        assert_eq!(Internal::known().signature("sprintf").unwrap().most(), None);
    }

    #[test]
    fn tentative_types_are_known() {
        assert_eq!(Internal::known().tentative("ArrayAccess", "offsetget"), Some("mixed"));
        assert_eq!(Internal::known().tentative("Countable", "count"), Some("int"));
        assert_eq!(Internal::known().tentative("Own", "count"), None);
    }
}
