//! YAML documents.
//!
//! The syntax is YAML 1.2.2 as saphyr-parser 0.3 reads it, with the merge keys `<<` of YAML 1.1 (yaml.org/type/merge.html), which
//! PyYAML, Psych, SnakeYAML, js-yaml and go-yaml all know.
//!
//! - A scalar is its text. Plain `null`, `~` and nothing are empty; plain `True` and `TRUE` are `true`, and so for false. `yes`, `on` and
//!   the like stay as they are: parsers disagree whether they are true or text.
//! - An alias is what its anchor holds, with the places of the anchor. What aliases grow to is bounded.
//! - The value of a tag that is not of YAML itself (`!vault`, `!Ref`, `!env`) is unknown, and so is `!!binary`.
//! - Of two equal keys in a map the last counts, and is warned of. Documents of one file are laid over each other.
//! - `#part` names the node that counts: `config.yml#production.redis`.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};
use sternway_core::finding::Place;

use super::select;
use super::text::{DEEPEST, Encoding, Fault, MOST_NODES, Reading, Spot, decode};
use crate::document::{Node, NodeValue};
use crate::source::{Input, Read, Template};

/// What a file may grow to, aliases followed, in bytes: each node weighs [`NODE`] and its text.
const HEAVIEST: usize = MOST_NODES * NODE;
const NODE: usize = 64;

/// Reads a YAML file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = decode(input.bytes, Encoding::Marked, &mut reading) else { return reading.finish() };
    let documents = documents(&text, &mut reading);
    select::assign(&mut reading, &documents, input.part);
    reading.finish()
}

/// The documents of a file, up to where it cannot be read.
pub(super) fn documents(text: &str, reading: &mut Reading<'_>) -> Vec<Node> {
    let mut parser = Parser::new_from_str(text);
    let mut loader = Loader { reading, open: Vec::new(), anchors: HashMap::new(), weight: 0, documents: Vec::new() };
    while let Some(next) = parser.next_event() {
        let stop = match next {
            Ok((event, span)) => loader.event(event, span),
            Err(error) => Err(unreadable(&error)),
        };
        if let Err(fault) = stop {
            loader.reading.fault(fault);
            break;
        }
    }
    loader.documents
}

fn unreadable(error: &ScanError) -> Fault {
    let spot = spot(error.marker().line(), error.marker().col());
    // What the parser says is its own words, but for characters that it quotes.
    let quotes = error.info().contains(['`', '\'', '"']);
    let message: Cow<'static, str> = if quotes {
        Cow::Borrowed("this cannot be read as YAML")
    } else {
        Cow::Owned(format!("this cannot be read as YAML: {}", error.info()))
    };
    Fault::error(spot, message, "look at the indentation, quotes and brackets here and just before")
}

fn spot(line: usize, column: usize) -> Spot {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Spot { line: number(line).max(1), column: number(column).saturating_add(1) }
}

/// A map or list that is not closed yet.
struct Open {
    spot: Spot,
    anchor: usize,
    /// Whether only the program knows what its tag makes of it.
    foreign: bool,
    height: usize,
    weight: usize,
    holds: Holds,
}

enum Holds {
    List(Vec<Node>),
    Map {
        entries: Vec<(String, Spot, Node)>,
        /// What `<<` named, in order.
        merged: Vec<Node>,
        key: Option<Key>,
    },
}

enum Key {
    Named(String, Spot),
    Merge,
    /// A map or list as a key: its value is skipped.
    Unusable,
}

/// A finished node and what an alias of it costs.
#[derive(Clone)]
struct Whole {
    node: Node,
    height: usize,
    weight: usize,
    /// Whether it is a plain `<<`.
    merge: bool,
}

struct Loader<'r, 'a> {
    reading: &'r mut Reading<'a>,
    open: Vec<Open>,
    anchors: HashMap<usize, Whole>,
    weight: usize,
    documents: Vec<Node>,
}

impl Loader<'_, '_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let spot = spot(span.start.line(), span.start.col());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let whole = self.scalar(spot, &text, style, tag.as_deref());
                self.finish(whole, anchor, spot)
            }
            Event::SequenceStart(anchor, tag) => self.start(spot, anchor, tag.as_deref(), Holds::List(Vec::new())),
            Event::MappingStart(anchor, tag) => {
                let holds = Holds::Map { entries: Vec::new(), merged: Vec::new(), key: None };
                self.start(spot, anchor, tag.as_deref(), holds)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(whole) => {
                    let whole = Whole { merge: false, ..whole.clone() };
                    self.finish(whole, 0, spot)
                }
                // An alias within what its anchor holds.
                None => Err(Fault::error(spot, "this alias is of what holds it", "write the value out")),
            },
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(())
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn scalar(&self, spot: Spot, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Whole {
        let place = self.reading.place(spot);
        let plain = style == ScalarStyle::Plain && tag.is_none();
        let value = if tag.is_some_and(foreign) {
            Template::unknown(FOREIGN, place.clone())
        } else if plain && canonical(text).is_empty() {
            Template::default()
        } else {
            Template::text(if plain { canonical(text) } else { text })
        };
        let node = Node { place, value: NodeValue::Scalar(value) };
        Whole { node, height: 0, weight: NODE + text.len(), merge: plain && text == "<<" }
    }

    fn start(&mut self, spot: Spot, anchor: usize, tag: Option<&Tag>, holds: Holds) -> Result<(), Fault> {
        if self.open.len() == DEEPEST {
            return Err(too_deep(spot));
        }
        let foreign = tag.is_some_and(foreign);
        self.open.push(Open { spot, anchor, foreign, height: 0, weight: NODE, holds });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let place = self.reading.place(open.spot);
        let value = match open.holds {
            _ if open.foreign => NodeValue::Scalar(Template::unknown(FOREIGN, place.clone())),
            Holds::List(items) => NodeValue::List(items),
            Holds::Map { entries, merged, .. } => NodeValue::Map(self.map(entries, merged)),
        };
        let whole = Whole { node: Node { place, value }, height: open.height + 1, weight: open.weight, merge: false };
        self.finish(whole, open.anchor, open.spot)
    }

    /// What a map holds in the end: what was merged into it first, then what is its own.
    fn map(&mut self, entries: Vec<(String, Spot, Node)>, merged: Vec<Node>) -> Vec<(String, Place, Node)> {
        let mut spots: HashMap<&str, Vec<Spot>> = HashMap::with_capacity(entries.len());
        for (name, spot, _) in &entries {
            spots.entry(name).or_default().push(*spot);
        }
        let mut twice: Vec<_> = spots.iter().filter(|(_, spots)| spots.len() > 1).collect();
        twice.sort_unstable_by_key(|(name, _)| **name);
        for (name, spots) in twice {
            self.reading.twice(name, spots);
        }
        let mut known: HashSet<String> = spots.keys().map(|name| (*name).to_owned()).collect();
        let last: HashMap<String, usize> =
            entries.iter().enumerate().map(|(index, (name, ..))| (name.clone(), index)).collect();
        let mut all = Vec::with_capacity(entries.len());
        for node in merged {
            let NodeValue::Map(inherited) = node.value else { continue };
            for entry in inherited {
                if known.insert(entry.0.clone()) {
                    all.push(entry);
                }
            }
        }
        for (index, (name, spot, node)) in entries.into_iter().enumerate() {
            if last.get(&name) == Some(&index) {
                all.push((name, self.reading.place(spot), node));
            }
        }
        all
    }

    /// Hands a node to what holds it.
    fn finish(&mut self, whole: Whole, anchor: usize, spot: Spot) -> Result<(), Fault> {
        let copies = if anchor > 0 { 2 } else { 1 };
        self.weight = self.weight.saturating_add(whole.weight.saturating_mul(copies));
        if self.weight > HEAVIEST {
            let message = "with its aliases followed, the file grows too large here";
            return Err(Fault::error(spot, message, "aliases of aliases can fill any memory: write the values out"));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, whole.clone());
        }
        if self.open.len() + whole.height > DEEPEST {
            return Err(too_deep(spot));
        }
        let Some(open) = self.open.last_mut() else {
            self.documents.push(whole.node);
            return Ok(());
        };
        open.height = open.height.max(whole.height);
        open.weight = open.weight.saturating_add(whole.weight);
        let (entries, merged, key) = match &mut open.holds {
            Holds::List(items) => {
                items.push(whole.node);
                return Ok(());
            }
            Holds::Map { entries, merged, key } => (entries, merged, key),
        };
        match key.take() {
            None => {
                let text = whole.node.text();
                *key = Some(match text {
                    Some(_) if whole.merge => Key::Merge,
                    Some(name) => Key::Named(name, spot),
                    None => Key::Unusable,
                });
                if matches!(key, Some(Key::Unusable)) {
                    let message = "a map, a list or a tagged value is used as a key here";
                    self.reading.fault(Fault::error(spot, message, "only text can be a key of configuration"));
                }
            }
            Some(Key::Named(name, spot)) => entries.push((name, spot, whole.node)),
            Some(Key::Unusable) => {}
            Some(Key::Merge) => match whole.node.value {
                NodeValue::Map(_) => merged.push(whole.node),
                NodeValue::List(items) if items.iter().all(|item| matches!(item.value, NodeValue::Map(_))) => {
                    merged.extend(items);
                }
                NodeValue::List(_) | NodeValue::Scalar(_) => {
                    let message = "`<<` names something that is no map";
                    self.reading.fault(Fault::error(spot, message, "merge an alias of a map, or a list of such"));
                }
            },
        }
        Ok(())
    }
}

const FOREIGN: &str = "its YAML tag says that only the program knows the value";

/// Whether a tag makes something of a value that only a program knows.
fn foreign(tag: &Tag) -> bool {
    let known = ["str", "int", "float", "bool", "null", "map", "seq", "omap", "set", "timestamp", "merge"];
    let non_specific = tag.handle.is_empty() && tag.suffix == "!" || tag.handle == "!" && tag.suffix.is_empty();
    !(non_specific || tag.is_yaml_core_schema() && known.contains(&tag.suffix.as_str()))
}

/// A plain scalar, where the core schema has several spellings of one value.
fn canonical(text: &str) -> &str {
    match text {
        "null" | "Null" | "NULL" | "~" => "",
        "True" | "TRUE" => "true",
        "False" | "FALSE" => "false",
        other => other,
    }
}

fn too_deep(spot: Spot) -> Fault {
    Fault::error(spot, "maps and lists go too deep into each other", "no more than 128 levels are read")
}
