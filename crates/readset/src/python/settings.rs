//! Settings classes of pydantic: each field is a key, in capitals, after the prefix (docs.pydantic.dev/latest/concepts/pydantic_settings).

use std::collections::HashSet;

use tree_sitter::Node;

use super::literal;
use crate::findings::{Care, Findings, Found};
use crate::read::{Fallback, Key};
use crate::tree::{Nodes, children, first_child, text_of, walk};

/// Adds the fields of all settings classes of a file.
pub(super) fn find(nodes: &Nodes<'_>, text: &str, findings: &mut Findings) {
    let mut known: HashSet<String> = HashSet::new();
    nodes.each(&["class_definition"], &mut |node, _| {
        let bases = node.child_by_field_name("superclasses").map(children).unwrap_or_default();
        let is_settings = bases.iter().any(|base| {
            let base = text_of(*base, text);
            base.rsplit('.').next() == Some("BaseSettings") || known.contains(base)
        });
        if !is_settings {
            return;
        }
        known.extend(node.child_by_field_name("name").map(|name| text_of(name, text).to_owned()));
        if let Some(body) = node.child_by_field_name("body") {
            fields(body, text, findings);
        }
    });
}

fn fields(body: Node<'_>, text: &str, findings: &mut Findings) {
    let (prefix, case) = options(body, text);
    for field in children(body).into_iter().filter(|node| node.kind() == "expression_statement").filter_map(first_child)
    {
        let (Some(name), Some(kind)) = (field.child_by_field_name("left"), field.child_by_field_name("type")) else {
            continue;
        };
        let own = text_of(name, text);
        if field.kind() != "assignment"
            || own.starts_with('_')
            || own == "model_config"
            || text_of(kind, text).contains("ClassVar")
        {
            continue;
        }
        let value = field.child_by_field_name("right");
        let (names, fallback) = match value.filter(|value| is_field_call(*value, text)) {
            Some(call) => field_call(call, text),
            None => (Vec::new(), value.map_or(Fallback::None, |value| of_value(value, text))),
        };
        let names = if names.is_empty() {
            let whole = format!("{prefix}{own}");
            vec![if case { whole } else { whole.to_ascii_uppercase() }]
        } else {
            names
        };
        // Of several names one is enough.
        let fallback = if names.len() > 1 && fallback == Fallback::None { Fallback::Expression } else { fallback };
        for key in names {
            let mut found = Found::new(Key::Named(key), name.start_byte(), "BaseSettings", body.byte_range());
            found.fallback = fallback;
            found.required = fallback == Fallback::None;
            findings.reads.push(found);
        }
    }
}

/// `...` stands for "required".
fn of_value(value: Node<'_>, text: &str) -> Fallback {
    if value.kind() == "ellipsis" { Fallback::None } else { literal::default_of(value, text).fallback() }
}

fn is_field_call(node: Node<'_>, text: &str) -> bool {
    node.kind() == "call"
        && node
            .child_by_field_name("function")
            .is_some_and(|function| text_of(function, text).rsplit('.').next() == Some("Field"))
}

/// The names and the default of `Field(...)`.
fn field_call(call: Node<'_>, text: &str) -> (Vec<String>, Fallback) {
    let mut names = Vec::new();
    let mut fallback = Fallback::None;
    for (index, argument) in
        call.child_by_field_name("arguments").map(children).unwrap_or_default().into_iter().enumerate()
    {
        let (Some(name), Some(value)) = (argument.child_by_field_name("name"), argument.child_by_field_name("value"))
        else {
            if index == 0 {
                fallback = of_value(argument, text);
            }
            continue;
        };
        match text_of(name, text) {
            "default" => fallback = of_value(value, text),
            "default_factory" => fallback = Care::Expression.fallback(),
            "alias" | "validation_alias" | "env" => {
                names = match literal::string(value, text) {
                    Some(name) => vec![name],
                    None => strings_in(value, text),
                };
            }
            _ => {}
        }
    }
    // Settings ignore case: the environment has capitals.
    (names.into_iter().map(|name| name.to_ascii_uppercase()).collect(), fallback)
}

/// The texts of `AliasChoices('A', 'B')` or of a list.
fn strings_in(value: Node<'_>, text: &str) -> Vec<String> {
    let list = value.child_by_field_name("arguments").unwrap_or(value);
    children(list).into_iter().filter_map(|item| literal::string(item, text)).collect()
}

/// The literal prefix of a class, and whether it looks at the case of names.
fn options(body: Node<'_>, text: &str) -> (String, bool) {
    let mut prefix = String::new();
    let mut case = false;
    walk(body, &mut |node, _| {
        let (name, value) = match node.kind() {
            "keyword_argument" => (node.child_by_field_name("name"), node.child_by_field_name("value")),
            "assignment" => (node.child_by_field_name("left"), node.child_by_field_name("right")),
            _ => return,
        };
        let (Some(name), Some(value)) = (name, value) else { return };
        match text_of(name, text) {
            "env_prefix" => prefix = literal::string(value, text).unwrap_or_default(),
            "case_sensitive" => case = value.kind() == "true",
            _ => {}
        }
    });
    (prefix, case)
}
