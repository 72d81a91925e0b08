//! Every key of a service beside the same key elsewhere, shown as same or different and never as a value.

use std::collections::{BTreeMap, BTreeSet};

use sternway_core::ids::{EnvironmentName, ServiceName};

use crate::landscape::Landscape;
use crate::recognise;
use crate::resolve::{Content, Provenance};
use crate::shape::Shape;

/// One key of one service over all environments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Whose.
    pub service: ServiceName,
    /// Which.
    pub key: String,
    /// By environment, in the order of their names: only those whose configuration of the service can be seen.
    pub cells: BTreeMap<EnvironmentName, Cell>,
}

/// A key in one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// It is not set.
    Missing,
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
        /// Environments with the same letter have the same value.
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

/// The rows of these environments, by service and key.
pub fn rows(landscape: &Landscape, environments: &[EnvironmentName]) -> Vec<Row> {
    let mut keys: BTreeSet<(&ServiceName, &str)> = BTreeSet::new();
    let places = || landscape.environments.iter().filter(|(name, _)| environments.contains(name));
    for (service, found) in places().flat_map(|(_, place)| &place.services) {
        keys.extend(found.values.keys().map(|key| (service, key.as_str())));
    }
    keys.into_iter()
        .map(|(service, key)| {
            let mut known: Vec<&str> = Vec::new();
            let mut cells = BTreeMap::new();
            for (name, place) in places() {
                let Some(found) = place.services.get(service).filter(|found| found.is_seen()) else { continue };
                let Some(value) = found.values.get(key) else {
                    cells.insert(name.clone(), Cell::Missing);
                    continue;
                };
                let (provenance, overridden) = (value.provenance.clone(), value.overridden.clone());
                let cell = match &value.content {
                    Content::Unknown(why) => Cell::Unknown { why: why.clone(), provenance, overridden },
                    Content::Known(text) => {
                        let text = text.reveal();
                        let index = known.iter().position(|other| *other == text).unwrap_or_else(|| {
                            known.push(text);
                            known.len() - 1
                        });
                        let letter = u8::try_from(index)
                            .ok()
                            .filter(|index| *index < 26)
                            .map_or('?', |index| char::from(b'a' + index));
                        Cell::Set {
                            group: letter,
                            shape: Shape::of(text),
                            secret: recognise::is_secret(key, text),
                            provenance,
                            overridden,
                        }
                    }
                };
                cells.insert(name.clone(), cell);
            }
            Row { service: service.clone(), key: key.to_owned(), cells }
        })
        .collect()
}
