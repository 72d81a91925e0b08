//! What a file's own names stand for: the environment, the process, a constant text, a schema.

use std::collections::HashMap;
use std::ops::Range;

use tree_sitter::Node;

use super::{literal, meaning};
use crate::tree::{Nodes, children, is_field, scope, text_of};

/// Blocks in which a name is known.
const BLOCKS: &[&str] = &[
    "statement_block",
    "function_declaration",
    "function_expression",
    "generator_function",
    "generator_function_declaration",
    "method_definition",
    "arrow_function",
    "for_statement",
    "for_in_statement",
    "class_static_block",
];

/// Nodes that give a name a meaning.
const DECLARATIONS: &[&str] = &[
    "variable_declarator",
    "import_statement",
    "assignment_pattern",
    "assignment_expression",
    "required_parameter",
    "optional_parameter",
];

/// A name within a range of bytes.
struct Alias {
    name: String,
    scope: Range<usize>,
    /// What it stands for; `None` for a name that hides another one.
    stands_for: Option<&'static str>,
}

/// The names of one file.
#[derive(Default)]
pub(super) struct Names<'t> {
    env: Vec<Alias>,
    process: Vec<String>,
    constants: HashMap<String, Option<String>>,
    /// Values of variables that may be schemas.
    values: HashMap<String, Node<'t>>,
}

impl<'t> Names<'t> {
    /// Reads the declarations of a file.
    pub(super) fn of(nodes: &Nodes<'t>, text: &str) -> Self {
        let mut names = Self::default();
        nodes.each(DECLARATIONS, &mut |node, around| match node.kind() {
            "variable_declarator" => names.declared(node, around, text),
            "import_statement" => names.imported(node, text),
            "assignment_pattern" | "assignment_expression" => names.bind(node, "left", "right", around, text),
            // TypeScript's form of a parameter with a default.
            "required_parameter" | "optional_parameter" => names.bind(node, "pattern", "value", around, text),
            _ => {}
        });
        if !names.env.is_empty() {
            names.hidden(nodes, text);
        }
        names
    }

    /// What an identifier stands for at an offset, if for an environment.
    pub(super) fn env(&self, name: &str, at: usize) -> Option<&'static str> {
        self.env
            .iter()
            .filter(|alias| alias.name == name && alias.scope.contains(&at))
            .min_by_key(|alias| (alias.scope.len(), alias.stands_for.is_none()))?
            .stands_for
    }

    pub(super) fn is_process(&self, name: &str) -> bool {
        name == "process" || self.process.iter().any(|known| known == name)
    }

    /// The text of a constant.
    pub(super) fn constant(&self, name: &str) -> Option<&str> {
        self.constants.get(name)?.as_deref()
    }

    /// The value that a variable was declared with.
    pub(super) fn value(&self, name: &str) -> Option<Node<'t>> {
        self.values.get(name).copied()
    }

    fn declared(&mut self, node: Node<'t>, around: &[Node<'t>], text: &str) {
        let (Some(name), Some(value)) = (node.child_by_field_name("name"), node.child_by_field_name("value")) else {
            return;
        };
        if name.kind() == "object_pattern" && meaning::is_process(value, text, self) {
            let range = scope(around, BLOCKS);
            for (key, local) in bindings(name) {
                if text_of(key, text) == "env" {
                    self.alias(text_of(local, text), range.clone(), "process.env");
                }
            }
        }
        if name.kind() != "identifier" {
            return;
        }
        self.bind(node, "name", "value", around, text);
        let local = text_of(name, text).to_owned();
        // A name that is declared twice is no constant.
        let constant = literal::string(value, text).filter(|_| !self.constants.contains_key(&local));
        self.constants.insert(local.clone(), constant);
        if matches!(value.kind(), "call_expression" | "object") {
            self.values.insert(local, value);
        }
    }

    /// A name that gets the environment or the process.
    fn bind(&mut self, node: Node<'t>, left: &str, right: &str, around: &[Node<'t>], text: &str) {
        let (Some(name), Some(value)) = (node.child_by_field_name(left), node.child_by_field_name(right)) else {
            return;
        };
        if name.kind() != "identifier" {
            return;
        }
        let local = text_of(name, text);
        if let Some(how) = meaning::environment(value, text, self) {
            self.alias(local, scope(around, BLOCKS), how);
        } else if meaning::is_process(value, text, self) {
            self.process.push(local.to_owned());
        }
    }

    fn alias(&mut self, name: &str, scope: Range<usize>, how: &'static str) {
        self.env.push(Alias { name: name.to_owned(), scope, stands_for: Some(how) });
    }

    fn imported(&mut self, node: Node<'t>, text: &str) {
        let source = node.child_by_field_name("source").and_then(|source| literal::string(source, text));
        let how = match source.as_deref() {
            Some("process" | "node:process") => "process.env",
            Some("$env/dynamic/private" | "$env/dynamic/public") => "$env/dynamic",
            Some("bun") => "Bun.env",
            _ => return,
        };
        for clause in children(node).into_iter().filter(|child| child.kind() == "import_clause") {
            for import in children(clause) {
                match import.kind() {
                    "identifier" if how == "process.env" => self.process.push(text_of(import, text).to_owned()),
                    "namespace_import" if how == "process.env" => {
                        self.process.extend(children(import).first().map(|name| text_of(*name, text).to_owned()));
                    }
                    "named_imports" => {
                        for (name, local) in specifiers(import) {
                            if text_of(name, text) == "env" {
                                self.alias(text_of(local, text), 0..usize::MAX, how);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Other things of the same name, which hide an alias: parameters, and variables of inner blocks.
    fn hidden(&mut self, nodes: &Nodes<'t>, text: &str) {
        let mut hidden = Vec::new();
        nodes.each(&["identifier", "shorthand_property_identifier_pattern"], &mut |node, around| {
            let name = text_of(node, text);
            let Some(parent) = around.last() else { return };
            if !self.env.iter().any(|alias| alias.name == name) {
                return;
            }
            let binds = match parent.kind() {
                "formal_parameters" | "rest_pattern" | "object_pattern" | "array_pattern" => true,
                "variable_declarator" => is_field(*parent, "name", node),
                "required_parameter" | "optional_parameter" => is_field(*parent, "pattern", node),
                "arrow_function" | "catch_clause" => is_field(*parent, "parameter", node),
                _ => false,
            };
            if binds {
                let range = scope(around, BLOCKS);
                if !self.env.iter().any(|alias| alias.name == name && alias.scope == range) {
                    hidden.push(Alias { name: name.to_owned(), scope: range, stands_for: None });
                }
            }
        });
        self.env.extend(hidden);
    }
}

/// The properties that an object pattern takes, each with the node of its local name.
pub(super) fn bindings(pattern: Node<'_>) -> Vec<(Node<'_>, Node<'_>)> {
    let mut found = Vec::new();
    for part in children(pattern) {
        match part.kind() {
            "shorthand_property_identifier_pattern" => found.push((part, part)),
            "object_assignment_pattern" => {
                found.extend(part.child_by_field_name("left").map(|left| (left, left)));
            }
            "pair_pattern" => {
                let (Some(key), Some(mut value)) = (part.child_by_field_name("key"), part.child_by_field_name("value"))
                else {
                    continue;
                };
                if value.kind() == "assignment_pattern" {
                    value = value.child_by_field_name("left").unwrap_or(value);
                }
                found.push((key, value));
            }
            _ => {}
        }
    }
    found
}

/// The names of `{ a, b as c }` with their local names.
pub(super) fn specifiers(imports: Node<'_>) -> Vec<(Node<'_>, Node<'_>)> {
    children(imports)
        .into_iter()
        .filter(|child| child.kind() == "import_specifier")
        .filter_map(|child| {
            let name = child.child_by_field_name("name")?;
            Some((name, child.child_by_field_name("alias").unwrap_or(name)))
        })
        .collect()
}
