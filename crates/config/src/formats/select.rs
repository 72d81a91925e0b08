//! The part of a document that sternway.toml names after `#`: a path such as `production.redis` or `servers.0`.

use super::text::{Fault, LARGEST, Reading, Spot};
use crate::document::{Node, NodeValue};

/// The node at a path. Keys may hold dots themselves: of those that fit, the longest is taken.
pub(super) fn select<'a>(node: &'a Node, path: &str) -> Option<&'a Node> {
    let mut node = node;
    let mut path = Some(path);
    while let Some(rest) = path.filter(|rest| !rest.is_empty()) {
        let (next, after) = match &node.value {
            NodeValue::Scalar(_) => return None,
            NodeValue::List(items) => {
                let (index, after) = rest.split_once('.').map_or((rest, None), |(index, after)| (index, Some(after)));
                (items.get(index.parse::<usize>().ok()?)?, after)
            }
            NodeValue::Map(entries) => {
                let fits = |name: &str| match rest.strip_prefix(name) {
                    Some("") => Some(None),
                    Some(after) => after.strip_prefix('.').map(Some),
                    None => None,
                };
                let fitting = entries.iter().filter_map(|(name, _, node)| Some((name.len(), node, fits(name)?)));
                let (_, node, after) = fitting.max_by_key(|(length, ..)| *length)?;
                (node, after)
            }
        };
        node = next;
        path = after;
    }
    Some(node)
}

/// Assigns what is in the documents, or in the named part of them. Of keys that several documents have the last counts.
pub(super) fn assign(reading: &mut Reading<'_>, documents: &[Node], part: Option<&str>) {
    let mut found = part.is_none();
    for document in documents {
        let Some(node) = part.map_or(Some(document), |part| select(document, part)) else { continue };
        found = true;
        if let NodeValue::Scalar(value) = &node.value
            && value.plain().is_none_or(|text| !text.is_empty())
        {
            let spot = Spot { line: node.place.line, column: node.place.column };
            let message = "this is a single value: it has no keys";
            reading.fault(Fault::warning(spot, message, "name a file, or a part of it after `#`, that has keys"));
        }
        flatten(reading, node, ".");
    }
    if !found {
        let message = "the part that is named after `#` is not in the file";
        reading.fault(Fault::error(Spot::WHOLE, message, "name it as a path with dots: FILE#production.redis"));
    }
}

/// Assigns what is in a node, unless the keys would fill memory: each repeats those above it.
pub(super) fn flatten(reading: &mut Reading<'_>, node: &Node, separator: &str) {
    if size(node, 0) > LARGEST * 8 {
        let message = "its keys, written out as paths, are larger than 64 MiB";
        reading.fault(Fault::error(Spot::WHOLE, message, "name the part that counts after `#`"));
        return;
    }
    reading.read.assignments.extend(node.flatten(separator));
}

fn size(node: &Node, above: usize) -> usize {
    let of_entry = |(name, _, node): &(String, _, Node)| size(node, above + name.len() + 1);
    match &node.value {
        NodeValue::Map(entries) if !entries.is_empty() => entries.iter().map(of_entry).fold(0, usize::saturating_add),
        NodeValue::List(items) if !items.is_empty() => {
            items.iter().map(|item| size(item, above + 7)).fold(0, usize::saturating_add)
        }
        NodeValue::Map(_) | NodeValue::List(_) | NodeValue::Scalar(_) => above,
    }
}
