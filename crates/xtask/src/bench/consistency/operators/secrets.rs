//! Credentials of one environment in another.

use super::super::case::{Case, with_part, with_value};
use super::super::entries::Entry;
use super::super::layout::Layout;
use super::super::parts::{Part, is_secret, part};
use super::super::random::Random;

/// Production has the secret of staging.
pub(super) fn reused(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in entries.iter().filter(|entry| entry.own) {
        let Some(there) = &entry.staging else { continue };
        if is_secret(&entry.key) && !there.value.starts_with("${") {
            cases.push(with_value(layout, entry, &there.value, "staging's secret"));
            continue;
        }
        let of = |value: &str| part(&entry.key, value, Part::Password);
        if let (Some(range), Some(theirs)) = (of(&entry.site.value), of(&there.value)) {
            let theirs = there.value[theirs].to_owned();
            cases.push(with_part(layout, entry, range, &theirs, "staging's password"));
        }
    }
    cases
}
