//! Every key of a service beside the same key elsewhere, shown as same or different and never as a value.

use std::collections::{BTreeMap, BTreeSet};

use sternway_core::ids::{EnvironmentName, ServiceName};

use crate::destination::Destination;
use crate::landscape::{Landscape, Service};
use crate::leads;
use crate::resolve::{Content, Provenance, Value};
use crate::shape::Shape;
use crate::stores::{Component, Placement, Verdict};

/// One key of one service over all environments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Whose.
    pub service: ServiceName,
    /// Which.
    pub key: String,
    /// By environment, in the order of their names: only those whose configuration of the service can be seen.
    pub cells: BTreeMap<EnvironmentName, Cell>,
    /// Where the key holds a connection in several of them: how those relate that are not written the same.
    pub relations: Vec<Relation>,
}

/// A key in one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// It is not set.
    Missing,
    /// It is not among what can be seen, and not everything can.
    Unseen {
        /// Why not.
        why: String,
    },
    /// It is set, to something that is only known when the program runs.
    Unknown {
        /// Why.
        why: String,
        /// Where it was set.
        provenance: Provenance,
        /// Where it was set before, oldest first.
        overridden: Vec<Provenance>,
    },
    /// It is set.
    Set {
        /// Environments with the same letter have the same value; `?` when it cannot be told of all others whether they have.
        group: char,
        /// What it looks like.
        shape: Shape,
        /// Whether it is a secret.
        secret: bool,
        /// Where it was set.
        provenance: Provenance,
        /// Where it was set before, oldest first.
        overridden: Vec<Provenance>,
    },
}

impl Row {
    /// Whether all environments have the same known value.
    pub fn is_same(&self) -> bool {
        self.cells.values().all(|cell| matches!(cell, Cell::Set { group: 'a', .. }))
    }
}

/// How two environments' connections of one key relate, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// The one.
    pub one: EnvironmentName,
    /// The other.
    pub other: EnvironmentName,
    /// In one word.
    pub verdict: Verdict,
    /// The components that differ: `server`, `password`.
    pub differ: Vec<&'static str>,
    /// Those that are the same and not absent.
    pub same: Vec<&'static str>,
    /// Those of which it cannot be told.
    pub unknown: Vec<&'static str>,
}

/// The rows of these environments, by service and key.
pub fn rows(landscape: &Landscape, environments: &[EnvironmentName]) -> Vec<Row> {
    let mut keys: BTreeSet<(&ServiceName, &str)> = BTreeSet::new();
    let places = || landscape.environments.iter().filter(|(name, _)| environments.contains(name));
    for (service, found) in places().flat_map(|(_, place)| &place.services) {
        keys.extend(found.values.keys().map(|key| (service, key.as_str())));
    }
    let row = |(service, key): (&ServiceName, &str)| {
        let seen: Vec<_> = places()
            .filter_map(|(name, place)| Some((name, place.services.get(service)?)))
            .filter(|(_, found)| found.is_seen())
            .collect();
        Row {
            service: service.clone(),
            key: key.to_owned(),
            cells: cells(&seen, key),
            relations: relations(&seen, key),
        }
    };
    keys.into_iter().map(row).collect()
}

fn cells(seen: &[(&EnvironmentName, &Service)], key: &str) -> BTreeMap<EnvironmentName, Cell> {
    // One of each group, and whether anything could not be told from it.
    let mut groups: Vec<&Value> = Vec::new();
    let mut cells = BTreeMap::new();
    for (name, found) in seen {
        let Some(value) = found.values.get(key) else {
            let cell = match &found.unseen {
                None => Cell::Missing,
                Some(why) => Cell::Unseen { why: why.clone() },
            };
            cells.insert((*name).clone(), cell);
            continue;
        };
        let (provenance, overridden) = (value.provenance.clone(), value.overridden.clone());
        let cell = match (&value.content, value.shape()) {
            (Content::Known(_) | Content::Sealed(_), Some(shape)) => {
                let group = group(&mut groups, value);
                Cell::Set { group, shape, secret: found.is_secret(key, value), provenance, overridden }
            }
            (Content::Unknown(why), _) => Cell::Unknown { why: why.clone(), provenance, overridden },
            (_, None) => continue,
        };
        cells.insert((*name).clone(), cell);
    }
    cells
}

/// The letter of the group that a value is in.
fn group<'a>(groups: &mut Vec<&'a Value>, value: &'a Value) -> char {
    let known = groups.iter().position(|other| other.same(value) == Some(true));
    let is_untold = known.is_none() && groups.iter().any(|other| other.same(value).is_none());
    if is_untold {
        return '?';
    }
    let index = known.unwrap_or_else(|| {
        groups.push(value);
        groups.len() - 1
    });
    u8::try_from(index).ok().filter(|index| *index < 26).map_or('?', |index| char::from(b'a' + index))
}

/// How the connections of the first environment that has one relate to those of the others that differ from it, or may.
fn relations(seen: &[(&EnvironmentName, &Service)], key: &str) -> Vec<Relation> {
    let mut found = seen.iter().filter_map(|(name, service)| {
        let value = service.values.get(key)?;
        Some((*name, value, leads::alone_of(service, key, value)?.ok()?))
    });
    let Some((one, value, first)) = found.next() else { return Vec::new() };
    found
        .filter(|(_, other, _)| value.same(other) != Some(true))
        .map(|(other, _, destination)| relation((one, &first), (other, &destination)))
        .collect()
}

fn relation(
    (one, first): (&EnvironmentName, &Destination),
    (other, second): (&EnvironmentName, &Destination),
) -> Relation {
    // Where the two run is not said: what a text means on one host is asked here.
    let comparison = first.compare(second, Placement::OneHost);
    let words = |parts: &[Component]| {
        let mut words: Vec<&'static str> = parts.iter().map(|part| part.word()).collect();
        words.dedup();
        words
    };
    let (differ, unknown) = (words(&comparison.differences), words(&comparison.unknown));
    let told = |part: &&Component| !comparison.differences.contains(part) && !comparison.unknown.contains(part);
    let same: Vec<Component> = match comparison.differences.as_slice() {
        [Component::Kind] => Vec::new(),
        _ => first.components().into_iter().filter(|part| told(&part)).collect(),
    };
    Relation {
        one: one.clone(),
        other: other.clone(),
        verdict: comparison.verdict,
        differ,
        same: words(&same),
        unknown,
    }
}
