//! Literals of Python: the text of a string, the key that an argument names, the shape of a default.

use tree_sitter::Node;

use super::names::Names;
use crate::findings::Care;
use crate::read::{Key, Shape};
use crate::tree::{children, first_child, text_of};

/// The text of a string without interpolations; of adjacent strings together.
pub(super) fn string(node: Node<'_>, text: &str) -> Option<String> {
    let node = peeled(node);
    match node.kind() {
        "string" => {
            let parts = children(node);
            if parts.iter().any(|part| part.kind() == "interpolation") {
                return None;
            }
            Some(parts.iter().filter(|part| part.kind() == "string_content").map(|part| text_of(*part, text)).collect())
        }
        "concatenated_string" => {
            children(node).into_iter().filter(|part| part.kind() == "string").map(|part| string(part, text)).collect()
        }
        _ => None,
    }
}

/// The key that an index or argument names.
pub(super) fn key(node: Node<'_>, text: &str, names: &Names) -> Key {
    let node = peeled(node);
    if let Some(name) = string(node, text) {
        return Key::Named(name);
    }
    match node.kind() {
        "identifier" => names.constant(text_of(node, text)).map_or(Key::Computed, |name| Key::Named(name.to_owned())),
        "string" => pattern(
            children(node)
                .into_iter()
                .take_while(|part| part.kind() != "interpolation")
                .filter(|part| part.kind() == "string_content")
                .map(|part| text_of(part, text))
                .collect(),
        ),
        "binary_operator" => leftmost(node, text).map_or(Key::Computed, pattern),
        _ => Key::Computed,
    }
}

fn pattern(prefix: String) -> Key {
    if prefix.is_empty() { Key::Computed } else { Key::Pattern { prefix } }
}

/// The string with which a concatenation begins; of `'A_%s' % x` what stands before the `%`.
fn leftmost(mut node: Node<'_>, text: &str) -> Option<String> {
    let mut formatted = false;
    while node.kind() == "binary_operator" {
        match node.child_by_field_name("operator")?.kind() {
            "+" => {}
            "%" => formatted = true,
            _ => return None,
        }
        node = node.child_by_field_name("left")?;
    }
    let text = string(node, text)?;
    Some(if formatted { text.split('%').next().unwrap_or_default().to_owned() } else { text })
}

/// What a default is, without its text.
pub(super) fn default_of(node: Node<'_>, text: &str) -> Care {
    let node = peeled(node);
    if let Some(value) = string(node, text) {
        return Care::Literal(Shape::of_text(&value));
    }
    match node.kind() {
        "integer" | "float" => Care::Literal(Shape::Number),
        "unary_operator" if first_child(node).is_some_and(|inner| matches!(inner.kind(), "integer" | "float")) => {
            Care::Literal(Shape::Number)
        }
        "true" | "false" => Care::Literal(Shape::Boolean),
        "none" => Care::Literal(Shape::Null),
        "list" | "tuple" | "dictionary" | "set" => Care::Literal(Shape::Collection),
        _ => Care::Expression,
    }
}

/// What stands within any number of parentheses. A loop: nesting in a file has no bound.
pub(super) fn peeled(mut node: Node<'_>) -> Node<'_> {
    while node.kind() == "parenthesized_expression" {
        let Some(inner) = first_child(node) else { break };
        node = inner;
    }
    node
}
