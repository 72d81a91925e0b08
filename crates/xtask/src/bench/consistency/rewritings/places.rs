//! What is free to differ between environments: where they are, and with what they log in. It changes everywhere at once.

use std::collections::{BTreeMap, BTreeSet};

use super::super::case::Case;
use super::super::entries::{Entry, values};
use super::super::layout::Layout;
use super::super::parts::{Part, is_secret, part};
use super::super::random::Random;
use super::super::sites::Site;
use super::own;

/// Puts `new` in the place of each whole `old` in these values. From the last to the first, so that places stay right.
fn replaced(layout: &Layout, sites: &[&Site], old: &str, new: &str, what: String) -> Case {
    let mut case = Case::new(what);
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for site in sites {
        let found = site.value.match_indices(old).filter(|(at, _)| is_whole(&site.value, *at, old.len()));
        places.entry(&site.file).or_default().extend(found.map(|(at, _)| site.value_at.start + at));
    }
    for (file, mut starts) in places {
        starts.sort_unstable();
        starts.dedup();
        for start in starts.into_iter().rev() {
            case = case.splice(layout, file, start..start + old.len(), new);
        }
    }
    case
}

fn is_whole(text: &str, at: usize, length: usize) -> bool {
    let of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    !text[..at].chars().next_back().is_some_and(of_a_name) && !text[at + length..].chars().next().is_some_and(of_a_name)
}

fn hosts<'a>(sites: impl Iterator<Item = &'a Site>) -> BTreeSet<String> {
    sites
        .filter_map(|site| part(&site.key, &site.value, Part::Host).map(|range| site.value[range].to_owned()))
        .filter(|host| host.contains('.') && host.chars().any(char::is_alphabetic))
        .collect()
}

/// A host of production has another name, everywhere.
pub(super) fn moved(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let sites: Vec<&Site> = own(entries).map(|entry| &entry.site).collect();
    let mut cases = Vec::new();
    for host in hosts(sites.iter().copied()) {
        let (first, rest) = host.split_once('.').unwrap_or((&host, ""));
        let new = match random.below(3) {
            0 => format!("{first}-7.{rest}"),
            1 => format!("{first}.eu-west-4.{rest}"),
            _ => format!("n{}-{first}.{rest}", random.below(90)),
        };
        cases.push(replaced(layout, &sites, &host, &new, format!("{host} is {new}")));
    }
    cases
}

/// A secret of production is another one, everywhere.
pub(super) fn rotated(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let sites: Vec<&Site> = own(entries).map(|entry| &entry.site).collect();
    let secret = |entry: &Entry| {
        let site = &entry.site;
        let text = match part(&entry.key, &site.value, Part::Password) {
            Some(range) => site.value[range].to_owned(),
            None if is_secret(&entry.key) => site.value.clone(),
            None => return None,
        };
        (text.len() > 5 && !text.contains("${") && !text.contains("$(")).then_some(text)
    };
    let secrets: BTreeSet<String> = own(entries).filter_map(secret).collect();
    let mut cases = Vec::new();
    for old in secrets {
        let new = format!("Vuurtoren-{}-{}", 100 + random.below(900), ["oost", "west", "zuid"][random.below(3)]);
        cases.push(replaced(layout, &sites, &old, &new, "another secret everywhere".to_owned()));
    }
    cases
}

/// A host of staging has another name, everywhere.
pub(super) fn renamed_staging(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let production: BTreeSet<(&str, u32)> =
        entries.iter().map(|entry| (entry.site.file.as_str(), entry.site.line)).collect();
    let mut sites: Vec<Site> = Vec::new();
    for (service, layers) in &layout.staging().services {
        let all = layers.iter().flat_map(|layer| values(layout, layer, service)).map(|(_, site)| site);
        sites.extend(all.filter(|site| !production.contains(&(site.file.as_str(), site.line))));
    }
    let sites: Vec<&Site> = sites.iter().collect();
    let mut cases = Vec::new();
    for host in hosts(sites.iter().copied()) {
        let (first, rest) = host.split_once('.').unwrap_or((&host, ""));
        let new = format!("{first}-b.{rest}");
        cases.push(replaced(layout, &sites, &host, &new, format!("in staging {host} is {new}")));
    }
    cases
}
