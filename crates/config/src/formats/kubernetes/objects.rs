//! The objects of a file, and what ConfigMaps and Secrets hold.

use super::base64;
use crate::document::{Node, NodeValue};
use crate::formats::kubernetes::wrong;
use crate::formats::text::Reading;
use crate::source::{Assignment, Template};

/// An object with its names.
pub(super) struct Object<'a> {
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) namespace: Option<String>,
    pub(super) node: &'a Node,
}

/// A scalar's text, without a copy.
fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    let NodeValue::Scalar(template) = &node.get(key)?.value else { return None };
    match &template.0[..] {
        [crate::source::Piece::Text(text)] => Some(text.reveal()),
        _ => None,
    }
}

/// All objects of a file, those of lists too.
pub(super) fn objects(documents: &[Node]) -> Vec<Object<'_>> {
    let mut all = Vec::new();
    let mut rest: Vec<&Node> = documents.iter().rev().collect();
    while let Some(node) = rest.pop() {
        let Some(kind) = text(node, "kind") else { continue };
        if let Some(items) = node.get("items").filter(|_| kind.ends_with("List")) {
            rest.extend(items.items().iter().rev());
            continue;
        }
        let metadata = node.get("metadata");
        let name = metadata.and_then(|metadata| text(metadata, "name")).unwrap_or("");
        let namespace = metadata.and_then(|metadata| text(metadata, "namespace")).map(ToOwned::to_owned);
        all.push(Object { kind, name, namespace, node });
    }
    all
}

impl Object<'_> {
    pub(super) fn holds_data(&self) -> bool {
        matches!(self.kind, "ConfigMap" | "Secret")
    }

    /// Its entries, each with the place of its key.
    pub(super) fn data(&self, reading: &mut Reading<'_>) -> Vec<Assignment> {
        let encoded = self.kind == "Secret";
        let mut all = entries(self.node.get("data"), encoded, reading);
        let over = if encoded { entries(self.node.get("stringData"), false, reading) } else { Vec::new() };
        all.retain(|entry| !over.iter().any(|other| other.key == entry.key));
        all.extend(over);
        all
    }
}

fn entries(node: Option<&Node>, encoded: bool, reading: &mut Reading<'_>) -> Vec<Assignment> {
    let mut all = Vec::new();
    for (key, place, node) in node.map_or(&[][..], Node::entries) {
        let NodeValue::Scalar(value) = &node.value else {
            wrong(reading, node, "this value is a map or a list", "only text can be a value: put it in quotes");
            continue;
        };
        let value = match value.plain() {
            Some(text) if encoded => match base64::decode(text.trim_end()).map(String::from_utf8) {
                Some(Ok(text)) => Template::text(text),
                Some(Err(_)) => Template::unknown("it is no text", node.place.clone()),
                None => {
                    let hint = "encode it with `base64`, or write it under `stringData`";
                    wrong(reading, node, "this is no Base64, as the data of a Secret is", hint);
                    continue;
                }
            },
            _ => value.clone(),
        };
        all.push(Assignment { key: key.clone(), value, place: place.clone() });
    }
    all
}
