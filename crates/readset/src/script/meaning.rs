//! Which expressions are the environment.

use tree_sitter::Node;

use super::literal;
use super::names::Names;
use crate::tree::{children, first_child, text_of};

/// How people write the environment that an expression is, if it is one.
pub(super) fn environment(node: Node<'_>, text: &str, names: &Names<'_>) -> Option<&'static str> {
    let mut node = peeled(node);
    // `process.env || {}` is the environment where there is one.
    while node.kind() == "binary_expression" && matches!(node.child_by_field_name("operator")?.kind(), "||" | "??") {
        node = peeled(node.child_by_field_name("left")?);
    }
    match node.kind() {
        "identifier" => names.env(text_of(node, text), node.start_byte()),
        "member_expression" => {
            let object = node.child_by_field_name("object")?;
            if text_of(node.child_by_field_name("property")?, text) != "env" {
                return None;
            }
            if is_process(object, text, names) {
                return Some("process.env");
            }
            if object.kind() == "identifier" && text_of(object, text) == "Bun" {
                return Some("Bun.env");
            }
            is_import_meta(object, text).then_some("import.meta.env")
        }
        "subscript_expression" => {
            let index = literal::string(node.child_by_field_name("index")?, text)?;
            (index == "env" && is_process(node.child_by_field_name("object")?, text, names)).then_some("process.env")
        }
        _ => None,
    }
}

/// Whether an expression is Node's `process`.
pub(super) fn is_process(node: Node<'_>, text: &str, names: &Names<'_>) -> bool {
    let node = peeled(node);
    match node.kind() {
        "identifier" => names.is_process(text_of(node, text)),
        "member_expression" => {
            let object = node.child_by_field_name("object").map(|object| text_of(object, text));
            let property = node.child_by_field_name("property").map(|property| text_of(property, text));
            property == Some("process") && matches!(object, Some("globalThis" | "global" | "window" | "self"))
        }
        "call_expression" => {
            let function = node.child_by_field_name("function").map(|function| text_of(function, text));
            let argument = node.child_by_field_name("arguments").and_then(first_child);
            let module = argument.and_then(|argument| literal::string(argument, text));
            function == Some("require") && matches!(module.as_deref(), Some("process" | "node:process"))
        }
        _ => false,
    }
}

/// Whether an expression is `Deno.env`.
pub(super) fn is_deno(node: Node<'_>, text: &str) -> bool {
    node.kind() == "member_expression"
        && node.child_by_field_name("object").is_some_and(|object| text_of(object, text) == "Deno")
        && node.child_by_field_name("property").is_some_and(|property| text_of(property, text) == "env")
}

fn is_import_meta(node: Node<'_>, text: &str) -> bool {
    // The grammars differ in how they name it.
    matches!(node.kind(), "meta_property" | "member_expression")
        && text_of(node, text).split_whitespace().collect::<String>() == "import.meta"
}

/// Nodes that change the type or the grouping of an expression, not its value.
pub(super) fn is_wrapper(kind: &str) -> bool {
    matches!(
        kind,
        "parenthesized_expression"
            | "as_expression"
            | "satisfies_expression"
            | "non_null_expression"
            | "type_assertion"
            | "await_expression"
    )
}

/// What stands within any number of wrappers. A loop: nesting in a file has no bound.
pub(super) fn peeled(mut node: Node<'_>) -> Node<'_> {
    while is_wrapper(node.kind()) {
        let inner = if node.kind() == "type_assertion" { children(node).last().copied() } else { first_child(node) };
        let Some(inner) = inner else { break };
        node = inner;
    }
    node
}
