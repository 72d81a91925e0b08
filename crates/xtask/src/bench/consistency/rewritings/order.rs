//! Another order of what has none.

use std::collections::BTreeMap;

use super::super::case::{Case, with_value};
use super::super::entries::Entry;
use super::super::layout::Layout;
use super::super::random::Random;
use super::super::sites::{Site, scan};
use super::own;

/// Neighbouring lines that each set a key change places.
pub(super) fn keys(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in own(entries) {
        kinds.insert(&entry.site.file, &entry.kind);
    }
    let mut cases = Vec::new();
    for (file, kind) in kinds {
        let text = layout.text(file);
        let lines: Vec<&str> = text.lines().collect();
        let sites = scan(kind, file, text);
        for run in runs(&sites, &lines) {
            let first = index(run[0]);
            let mut moved: Vec<&str> = run.iter().map(|site| lines[index(site)].trim_end_matches(',')).collect();
            let commas = lines[first].ends_with(',');
            random.shuffle(&mut moved);
            let mut all: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            for (offset, line) in moved.iter().enumerate() {
                let comma = if lines[first + offset].ends_with(',') && commas { "," } else { "" };
                all[first + offset] = format!("{line}{comma}");
            }
            let what = format!("{} lines of {file} in another order", run.len());
            cases.push(Case::new(what).file(file, Some(all.join("\n") + "\n")));
        }
    }
    cases
}

fn index(site: &Site) -> usize {
    usize::try_from(site.line).unwrap_or(1) - 1
}

/// Sites in lines that follow each other, indented alike, one in each line; none refers to another.
fn runs<'a>(sites: &'a [Site], lines: &[&str]) -> Vec<Vec<&'a Site>> {
    let indent = |site: &Site| lines[index(site)].len() - lines[index(site)].trim_start().len();
    let mut runs: Vec<Vec<&Site>> = vec![Vec::new()];
    for site in sites {
        let alone = !lines[index(site)].trim_start().starts_with("value:") && !site.value.contains("${");
        let follows = runs.last().and_then(|run| run.last()).is_some_and(|last| {
            last.line + 1 == site.line
                && indent(last) == indent(site)
                && last.path.rfind(['.', ':', '/']).map(|at| &last.path[..at])
                    == site.path.rfind(['.', ':', '/']).map(|at| &site.path[..at])
        });
        if !follows || !alone {
            runs.push(Vec::new());
        }
        if alone && let Some(run) = runs.last_mut() {
            run.push(site);
        }
    }
    runs.retain(|run| run.len() > 1);
    runs
}

/// Settings of a connection string in the other order.
pub(super) fn settings(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        let value = &entry.site.value;
        let turned = |text: &str, separator: char| {
            let mut pieces: Vec<&str> = text.split(separator).collect();
            pieces.reverse();
            pieces.join(&separator.to_string())
        };
        let new = if let Some((place, query)) = value.split_once('?').filter(|_| value.contains("://")) {
            format!("{place}?{}", turned(query, '&'))
        } else if value.starts_with("Server=") {
            turned(value, ';')
        } else if let Some(rest) = value.strip_prefix("mysql:") {
            format!("mysql:{}", turned(rest, ';'))
        } else if value.starts_with("host=") {
            turned(value, ' ')
        } else if let Some((place, rest)) = value.split_once(",password=") {
            format!("{place},{}", turned(&format!("password={rest}"), ','))
        } else {
            continue;
        };
        cases.push(with_value(layout, entry, &new, "settings turned round"));
    }
    for entry in own(entries).filter(|entry| entry.site.value.starts_with("mongodb:")) {
        let value = &entry.site.value;
        let Some((login, rest)) = value.split_once('@') else { continue };
        let Some((hosts, path)) = rest.split_once('/') else { continue };
        let mut list: Vec<&str> = hosts.split(',').collect();
        list.reverse();
        cases.push(with_value(layout, entry, &format!("{login}@{}/{path}", list.join(",")), "seeds turned round"));
    }
    cases
}
