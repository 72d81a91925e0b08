//! Literals of JavaScript: the text of a string, the shape of a default, the key that an expression names.

use tree_sitter::Node;

use super::meaning::peeled;
use super::names::Names;
use crate::findings::Care;
use crate::read::{Key, Shape};
use crate::tree::{children, first_child, text_of};

/// The text of a string or of a template without substitutions.
pub(super) fn string(node: Node<'_>, text: &str) -> Option<String> {
    match node.kind() {
        "string" => {}
        "template_string" if children(node).iter().all(|part| part.kind() != "template_substitution") => {}
        _ => return None,
    }
    let source = text_of(node, text);
    source.get(1..source.len().checked_sub(1)?).map(str::to_owned)
}

/// The key that an index or argument names.
pub(super) fn key(node: Node<'_>, text: &str, names: &Names<'_>) -> Key {
    let node = peeled(node);
    if let Some(name) = string(node, text) {
        return Key::Named(name);
    }
    match node.kind() {
        "identifier" => names.constant(text_of(node, text)).map_or(Key::Computed, |name| Key::Named(name.to_owned())),
        "template_string" => pattern(
            children(node)
                .into_iter()
                .take_while(|part| part.kind() != "template_substitution")
                .map(|part| text_of(part, text))
                .collect(),
        ),
        "binary_expression" => leftmost(node, text).map_or(Key::Computed, pattern),
        _ => Key::Computed,
    }
}

fn pattern(prefix: String) -> Key {
    if prefix.is_empty() { Key::Computed } else { Key::Pattern { prefix } }
}

/// The string with which a concatenation begins.
fn leftmost(mut node: Node<'_>, text: &str) -> Option<String> {
    while node.kind() == "binary_expression" {
        if node.child_by_field_name("operator")?.kind() != "+" {
            return None;
        }
        node = node.child_by_field_name("left")?;
    }
    string(node, text)
}

/// What a default is, without its text.
pub(super) fn default_of(node: Node<'_>, text: &str) -> Care {
    let node = peeled(node);
    if let Some(value) = string(node, text) {
        return Care::Literal(Shape::of_text(&value));
    }
    match node.kind() {
        "number" => Care::Literal(Shape::Number),
        "unary_expression" if first_child(node).is_some_and(|inner| inner.kind() == "number") => {
            Care::Literal(Shape::Number)
        }
        "true" | "false" => Care::Literal(Shape::Boolean),
        "null" | "undefined" => Care::Literal(Shape::Null),
        "identifier" if text_of(node, text) == "undefined" => Care::Literal(Shape::Null),
        "array" | "object" => Care::Literal(Shape::Collection),
        _ => Care::Expression,
    }
}
