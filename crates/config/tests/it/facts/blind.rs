//! Without the key nothing is equal, and nothing is different but by its shape.

use proptest::prelude::*;
use sternway_config::facts::Keys;
use sternway_config::table::{Cell, rows};
use sternway_core::ids::EnvironmentName;

use super::verdicts::{AGREEMENTS, agreements, found, places, report};
use super::{key, sealed};
use crate::compare::landscape;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_cannot_be_told_is_neither_equal_nor_different(landscape in places(), declared in any::<bool>()) {
        let agreements = if declared { agreements(AGREEMENTS) } else { Vec::new() };
        let by_values = found(&report(&landscape, &agreements));
        for keys in [Keys::default(), Keys::of([key(8)])] {
            let blind = report(&sealed(&landscape, &["production"], &key(7), &keys), &agreements);
            for one in found(&blind) {
                // What is not known may be said in the place of what would be known.
                prop_assert!(by_values.contains(&one) || one.starts_with("S0223"), "{one} {by_values:?}");
            }
            prop_assert!(blind.findings.iter().any(|finding| finding.code == "S0282"));
            prop_assert!(!blind.unknown.is_empty());
        }
    }
}

#[test]
fn a_table_without_the_key_says_what_it_does_not_know() {
    let landscape = landscape(&[
        ("production", &[("web", "A=one\nB=2\n")]),
        ("staging", &[("web", "A=one\nB=https://example.org\n")]),
    ]);
    let names: Vec<EnvironmentName> = landscape.environments.keys().cloned().collect();
    let letters = |landscape| -> Vec<String> {
        let letter = |cell: &Cell| if let Cell::Set { group, .. } = cell { *group } else { '-' };
        rows(landscape, &names).iter().map(|row| row.cells.values().map(letter).collect()).collect()
    };
    assert_eq!(letters(&landscape), ["aa", "ab"]);
    let blind = sealed(&landscape, &["production"], &key(7), &Keys::default());
    // A number is not a URL, whatever they are.
    assert_eq!(letters(&blind), ["a?", "ab"]);
    // Two that were sealed with two keys are not the same for having no key either.
    let apart = sealed(&sealed(&landscape, &["production"], &key(7), &Keys::default()), &[], &key(8), &Keys::default());
    assert_eq!(letters(&apart), ["a?", "ab"]);
    let open = sealed(&landscape, &["production"], &key(7), &Keys::of([key(7)]));
    assert_eq!(letters(&open), ["aa", "ab"]);
}

#[test]
fn facts_of_two_keys_are_never_equal() {
    let text: &[(&str, &str)] = &[("web", "DATABASE_URL=postgres://u:correct-horse@db.prod.example/shop\n")];
    let landscape = landscape(&[("production", text), ("staging", text)]);
    assert!(found(&report(&landscape, &[])).contains("S0225 Warning web:DATABASE_URL"));
    let keys = Keys::of([key(7), key(8)]);
    let apart = sealed(&sealed(&landscape, &["production"], &key(7), &keys), &["staging"], &key(8), &keys);
    let report = report(&apart, &[]);
    assert_eq!(found(&report).iter().find(|one| one.starts_with("S0225")), None);
    assert!(report.unknown.iter().any(|one| one.contains("different fingerprint keys")), "{:?}", report.unknown);
}
