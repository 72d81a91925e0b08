//! Documents with places: what JSON, YAML, TOML, XML and PHP arrays have in common.

use sternway_core::finding::Place;

use crate::source::{Assignment, Template};

/// A node of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub value: NodeValue,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeValue {
    /// Text, a number, true or false, as text; null reads as empty.
    Scalar(Template),
    /// A list.
    List(Vec<Node>),
    /// Keys, each with its place, in the order of the document; a later one of the same name counts.
    Map(Vec<(String, Place, Node)>),
}

impl Node {
    /// A scalar.
    pub fn scalar(place: Place, text: impl Into<String>) -> Self {
        Self { place, value: NodeValue::Scalar(Template::text(text)) }
    }

    /// The last entry of this name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match &self.value {
            NodeValue::Map(entries) => entries.iter().rev().find(|entry| entry.0 == name).map(|entry| &entry.2),
            NodeValue::Scalar(_) | NodeValue::List(_) => None,
        }
    }

    /// The entries of a map.
    pub fn entries(&self) -> &[(String, Place, Self)] {
        if let NodeValue::Map(entries) = &self.value { entries } else { &[] }
    }

    /// The entries of a list.
    pub fn items(&self) -> &[Self] {
        if let NodeValue::List(items) = &self.value { items } else { &[] }
    }

    /// Whether it is YAML's null, which reads as empty, but is no text.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, NodeValue::Scalar(template) if template.0.is_empty())
    }

    /// The scalar's text, when all of it is known.
    pub fn text(&self) -> Option<String> {
        if let NodeValue::Scalar(template) = &self.value { template.plain() } else { None }
    }

    /// One assignment for each scalar: keys are joined by `separator`, entries of lists are counted from 0. An empty map or list has
    /// an assignment of its own, of the empty text, so that its absence is told from its being empty.
    pub fn flatten(&self, separator: &str) -> Vec<Assignment> {
        let mut assignments = Vec::new();
        self.gather(separator, String::new(), &self.place, &mut assignments);
        assignments
    }

    fn gather(&self, separator: &str, key: String, place: &Place, into: &mut Vec<Assignment>) {
        let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}{separator}{name}") };
        match &self.value {
            NodeValue::Map(entries) if !entries.is_empty() => {
                for (name, place, node) in entries {
                    node.gather(separator, below(name), place, into);
                }
            }
            NodeValue::List(items) if !items.is_empty() => {
                for (index, node) in items.iter().enumerate() {
                    node.gather(separator, below(&index.to_string()), &node.place, into);
                }
            }
            // A document of one scalar, or an empty one, has no keys.
            _ if key.is_empty() => {}
            NodeValue::Scalar(value) => into.push(Assignment { key, value: value.clone(), place: place.clone() }),
            NodeValue::Map(_) | NodeValue::List(_) => {
                into.push(Assignment { key, value: Template::text(""), place: place.clone() });
            }
        }
    }
}
