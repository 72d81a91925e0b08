//! Layers that are there elsewhere and not here.

use std::collections::{BTreeMap, BTreeSet};

use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;

use super::{Everywhere, Seen, at, list, wanted};
use crate::landscape::{Origin, Report};
use crate::resolve::{Provenance, Value};

/// The layer of values that a release was sealed with: they come from no file.
const SEALED: &str = "sealed";

/// The files of a service, by what their names are without the environment's.
type Files<'a> = BTreeMap<String, BTreeSet<&'a str>>;

/// Reports a protected environment that reads fewer files of a name than every other, and fewer in all.
pub(super) fn look(everywhere: &Everywhere<'_>, about: Option<&EnvironmentName>, report: &mut Report) {
    let from_sources: Vec<&Seen<'_>> =
        everywhere.places.iter().filter(|seen| seen.service.origin == Origin::Sources).collect();
    if from_sources.len() < 2 {
        return;
    }
    let files: Vec<Files<'_>> = from_sources.iter().map(|seen| files(seen)).collect();
    let many = |files: &Files<'_>| files.values().map(BTreeSet::len).sum::<usize>();
    for (index, here) in from_sources.iter().enumerate() {
        if !here.at.protected || !wanted(about, here.environment) {
            continue;
        }
        let others: Vec<usize> = (0..from_sources.len()).filter(|at| *at != index).collect();
        // A developer's environment often has a layer less; one like production shows what is usual.
        let most = others.iter().map(|at| many(&files[*at])).max().unwrap_or(0);
        let others: Vec<usize> = others.into_iter().filter(|at| many(&files[*at]) == most).collect();
        report.count("layers", usize::from(!others.is_empty()));
        if most <= many(&files[index]) {
            continue;
        }
        for (name, theirs) in others.first().map(|at| &files[*at]).into_iter().flatten() {
            let count = |at: usize| files[at].get(name).map_or(0, BTreeSet::len);
            let mine = count(index);
            if mine >= theirs.len() || !others.iter().all(|at| count(*at) > mine) {
                continue;
            }
            let others: Vec<&Seen<'_>> = others.iter().map(|at| from_sources[*at]).collect();
            let shared = |file: &&&str| !files[index].get(name).is_some_and(|mine| mine.contains(**file));
            let Some(file) = theirs.iter().rev().find(shared).or(theirs.iter().next_back()) else { continue };
            let set: Vec<_> =
                others[0].service.values.iter().filter(|(_, value)| *value.provenance.file == **file).collect();
            let message = format!(
                "{} has no layer like `{file}`, which {} {} for {}",
                here.environment,
                all(&others),
                if others.len() == 1 { "has" } else { "have" },
                some(&set)
            );
            report.findings.extend(finding(everywhere, message, &set));
        }
    }
}

/// Reports protected environments in which nothing is declared for a service that has sources elsewhere.
pub(super) fn undeclared(everywhere: &Everywhere<'_>, environments: &[&EnvironmentName], report: &mut Report) {
    let others: Vec<&Seen<'_>> = everywhere.places.iter().filter(|seen| !seen.words.are_of_development()).collect();
    let Some(first) = others.first() else { return };
    let set: Vec<(&String, &Value)> = first.service.values.iter().collect();
    for here in environments {
        let message = format!(
            "nothing is declared for it in {here}, and in {} there are sources for {}",
            all(&others),
            some(&set)
        );
        report.findings.extend(finding(everywhere, message, &set));
    }
}

fn all(others: &[&Seen<'_>]) -> String {
    list(&others.iter().map(|seen| seen.environment).collect::<Vec<_>>())
}

/// Some keys, and how many more there are.
fn some(set: &[(&String, &Value)]) -> String {
    let some: Vec<String> = set.iter().take(3).map(|(key, _)| format!("`{key}`")).collect();
    let more = set.len().saturating_sub(3);
    if more > 0 { format!("{} and {more} more", some.join(", ")) } else { some.join(", ") }
}

/// Nothing when no value comes from there: then nothing is different here.
fn finding(everywhere: &Everywhere<'_>, message: String, set: &[(&String, &Value)]) -> Option<Finding> {
    let (_, value) = set.first()?;
    let hint = "name its own file as a source, or say in sternway.toml what it is to have";
    Some(at(Finding::warning("S0274", everywhere.name.to_string(), message).hint(hint), value))
}

fn files<'a>(seen: &'a Seen<'_>) -> Files<'a> {
    let mut files: Files<'a> = BTreeMap::new();
    for value in seen.service.values.values() {
        let from_files = |one: &&Provenance| *one.layer != *SEALED;
        for provenance in value.overridden.iter().chain([&value.provenance]).filter(from_files) {
            let file: &str = &provenance.file;
            if !files.values().any(|files| files.contains(file)) {
                files.entry(seen.words.out_of(file)).or_default().insert(file);
            }
        }
    }
    files
}
