//! Into which file a key belongs that an environment lacks.

use std::collections::BTreeSet;

use sternway_core::finding::Place;
use sternway_core::ids::EnvironmentName;
use sternway_core::project::{ConfigSource, Keys, source_kind};

use crate::landscape::Service;

/// One service in one environment: what is declared for it, and what that gives.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'a> {
    /// Where.
    pub environment: &'a EnvironmentName,
    /// What its process is given.
    pub config: &'a [ConfigSource],
    /// What it reads by itself.
    pub reads: &'a [ConfigSource],
    /// What is known of it.
    pub service: &'a Service,
}

/// Where a key belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target<'a> {
    /// The kind of the source.
    pub kind: &'a str,
    /// The file that the source names.
    pub path: &'a str,
    /// Which part of it.
    pub part: Option<&'a str>,
    /// The file: that one, or one that it names.
    pub file: String,
    /// The keys of another environment's file as they follow each other there, the key among them; or nothing.
    pub order: Vec<String>,
    /// Where the key stands there.
    pub like: Option<Place>,
}

/// A source that lies in a file.
#[derive(Clone, Copy)]
struct Lying<'a> {
    kind: &'a str,
    path: &'a str,
    part: Option<&'a str>,
}

impl<'a> Lying<'a> {
    fn of(source: &'a ConfigSource) -> Option<Self> {
        match source {
            ConfigSource::File { kind, path, part, .. } => Some(Self { kind, path, part: part.as_deref() }),
            ConfigSource::Inline { .. } => None,
        }
    }

    fn layer(&self) -> String {
        match self.part {
            Some(part) => format!("{}:{}#{part}", self.kind, self.path),
            None => format!("{}:{}", self.kind, self.path),
        }
    }

    /// Whether a program may be given or read a variable of any name from it.
    fn is_of_variables(&self) -> bool {
        source_kind(self.kind).is_some_and(|kind| kind.keys == Keys::Variables)
            && !matches!(self.kind, "command" | "files")
    }
}

/// Where another environment has the key.
struct There<'a> {
    source: Lying<'a>,
    /// Whether it is among what the process is given.
    given: bool,
    /// How many sources of the same list come before it.
    index: usize,
    place: Place,
    order: Vec<String>,
}

/// The file of `here` into which `key` belongs: the counterpart of the one in which another environment has it, and where none has it
/// the one that holds the most variables.
///
/// # Errors
/// Why there is none.
pub fn target<'a>(key: &str, here: Declared<'a>, others: &[Declared<'a>]) -> Result<Target<'a>, &'static str> {
    let there: Vec<There<'_>> = others.iter().filter_map(|other| there(key, *other)).collect();
    let shared: BTreeSet<&str> = others
        .iter()
        .flat_map(|other| other.config.iter().chain(other.reads))
        .filter_map(Lying::of)
        .map(|source| source.path)
        .collect();
    for there in &there {
        let list = if there.given { here.config } else { here.reads };
        let alike =
            list.iter().filter_map(Lying::of).enumerate().filter(|(_, source)| source.kind == there.source.kind);
        let weight = |(index, source): &(usize, Lying<'_>)| {
            let own = !shared.contains(source.path);
            (own, held(here.service, source, &there.order), *index == there.index)
        };
        if let Some((_, source)) = alike.max_by_key(weight) {
            let file = file_of(here.service, &source, there);
            let (order, like) = (there.order.clone(), Some(there.place.clone()));
            return Ok(Target { kind: source.kind, path: source.path, part: source.part, file, order, like });
        }
    }
    // No file of that kind: a variable may stand in any that holds variables.
    let is_variable = crate::source::is_key(key) && there.iter().all(|there| there.source.is_of_variables());
    let of_variables = |list: &'a [ConfigSource]| {
        list.iter()
            .filter_map(Lying::of)
            .filter(Lying::is_of_variables)
            .max_by_key(|source| (!shared.contains(source.path), count(here.service, source)))
    };
    let source = is_variable.then(|| of_variables(here.config).or_else(|| of_variables(here.reads))).flatten();
    let source = source.ok_or("no file is declared there that could hold it")?;
    let there = there.into_iter().next();
    let (order, like) = there.map(|there| (there.order, Some(there.place))).unwrap_or_default();
    Ok(Target { kind: source.kind, path: source.path, part: source.part, file: source.path.to_owned(), order, like })
}

fn there<'a>(key: &str, other: Declared<'a>) -> Option<There<'a>> {
    let value = other.service.values.get(key)?;
    let layer = &value.provenance.layer;
    let find = |list: &'a [ConfigSource]| {
        list.iter().filter_map(Lying::of).enumerate().find(|(_, source)| source.layer() == **layer)
    };
    let given = find(other.config);
    let (is_given, (index, source)) = match given {
        Some(found) => (true, found),
        None => (false, find(other.reads)?),
    };
    let place = value.provenance.place();
    let mut keys: Vec<(u32, u32, &String)> = other
        .service
        .values
        .iter()
        .filter(|(_, value)| *value.provenance.file == *place.file && value.provenance.layer == *layer)
        .map(|(key, value)| (value.provenance.line, value.provenance.column, key))
        .collect();
    keys.sort_unstable();
    let order = keys.into_iter().map(|(_, _, key)| key.clone()).collect();
    Some(There { source, given: is_given, index, place, order })
}

/// How many of these keys a source sets.
fn held(service: &Service, source: &Lying<'_>, keys: &[String]) -> usize {
    let layer = source.layer();
    let set = |key: &&String| {
        service.values.get(*key).is_some_and(|value| {
            *value.provenance.layer == *layer || value.overridden.iter().any(|earlier| *earlier.layer == *layer)
        })
    };
    keys.iter().filter(set).count()
}

fn count(service: &Service, source: &Lying<'_>) -> usize {
    let layer = source.layer();
    service.values.values().filter(|value| *value.provenance.layer == *layer).count()
}

/// The file itself; or, where the other environment has the key in one that its own file names, the one here with the most of those
/// keys.
fn file_of(service: &Service, source: &Lying<'_>, there: &There<'_>) -> String {
    if there.place.file == there.source.path {
        return source.path.to_owned();
    }
    let layer = source.layer();
    let mut files: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for (key, value) in &service.values {
        if *value.provenance.layer == *layer && *value.provenance.file != *source.path {
            *files.entry(&value.provenance.file).or_default() += 1 + usize::from(there.order.contains(key)) * 1000;
        }
    }
    let extension = |file: &str| file.rsplit_once('.').map(|(_, end)| end.to_owned());
    files.retain(|file, _| extension(file) == extension(&there.place.file));
    let best = files.into_iter().max_by_key(|(_, weight)| *weight);
    best.map_or_else(|| source.path.to_owned(), |(file, _)| file.to_owned())
}
