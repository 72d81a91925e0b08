//! What happens to a value when its key is missing, as told by what stands around the read.

use std::collections::HashSet;

use tree_sitter::Node;

use super::{literal, meaning};
use crate::findings::{Asked, Care, Findings};
use crate::tree::{children, first_child, is_field, scope, text_of, walk};

/// Functions: a variable of the same name in another one is another variable.
pub(super) const FUNCTIONS: &[&str] = &[
    "function_declaration",
    "function_expression",
    "generator_function",
    "generator_function_declaration",
    "method_definition",
    "arrow_function",
];

/// Conversions that give no value for no value, so that a default may follow them.
const CONVERSIONS: &[&str] =
    &["Number", "parseInt", "parseFloat", "String", "BigInt", "Number.parseInt", "Number.parseFloat"];

/// Calls that end the program when they get no value.
const ASSERTIONS: &[&str] = &["assert", "invariant", "ok", "assert.ok", "console.assert", "required", "nullthrows"];

/// What surrounds a value.
pub(super) struct Around {
    pub(super) care: Care,
    /// The variable that gets the value as it is.
    pub(super) bound: Option<String>,
}

/// Climbs from a node outwards as long as its value is passed on.
pub(super) fn care(node: Node<'_>, around: &[Node<'_>], text: &str) -> Around {
    let mut child = node;
    let mut optional = false;
    // An odd number of negations before a question.
    let mut negated = false;
    let plain = |optional: bool| Around { care: if optional { Care::Asked } else { Care::Nothing }, bound: None };
    for (index, parent) in around.iter().enumerate().rev() {
        let parent = *parent;
        match parent.kind() {
            "if_statement" if is_field(parent, "condition", child) => return asked(question(parent, negated, text)),
            "while_statement" | "do_statement" if is_field(parent, "condition", child) => return asked(Care::Asked),
            "switch_statement" if is_field(parent, "value", child) => return asked(Care::Compared),
            kind if meaning::is_wrapper(kind) => {}
            "binary_expression" => match binary(parent, child, text) {
                Binary::Passes => {}
                Binary::Asks { negative } => {
                    negated ^= negative;
                    optional = true;
                }
                Binary::Is(care) => return asked(care),
            },
            "unary_expression" => match parent.child_by_field_name("operator").map(|operator| operator.kind()) {
                Some("!") => {
                    negated = !negated;
                    optional = true;
                }
                Some("+" | "-") => {}
                Some("typeof") => return asked(Care::Asked),
                _ => return plain(optional),
            },
            "ternary_expression" if is_field(parent, "condition", child) => return asked(Care::Asked),
            "ternary_expression" => {}
            "member_expression" if is_field(parent, "object", child) => {
                if parent.child_by_field_name("optional_chain").is_some() {
                    optional = true;
                } else if !optional {
                    return asked(Care::Fails);
                }
            }
            "call_expression" if is_field(parent, "function", child) => {}
            "arguments" => {
                let call = index.checked_sub(1).and_then(|index| around.get(index)).copied();
                let function = call.and_then(|call| call.child_by_field_name("function"));
                let function = function.map_or("", |function| text_of(function, text));
                let first = first_child(parent) == Some(child);
                if first && ASSERTIONS.contains(&function) {
                    return asked(Care::Demanded);
                }
                if first && function == "Boolean" {
                    return asked(Care::Asked);
                }
                if !(first && CONVERSIONS.contains(&function)) {
                    return plain(optional);
                }
            }
            // A conversion that was just climbed through.
            "call_expression" if is_field(parent, "arguments", child) => {}
            "variable_declarator" if is_field(parent, "value", child) => {
                return Around { bound: identifier(parent.child_by_field_name("name"), text), ..plain(optional) };
            }
            "assignment_expression" if is_field(parent, "right", child) => {
                return Around { bound: identifier(parent.child_by_field_name("left"), text), ..plain(optional) };
            }
            _ => return plain(optional),
        }
        child = parent;
    }
    plain(optional)
}

fn asked(care: Care) -> Around {
    Around { care, bound: None }
}

fn identifier(node: Option<Node<'_>>, text: &str) -> Option<String> {
    node.filter(|node| node.kind() == "identifier").map(|node| text_of(node, text).to_owned())
}

enum Binary {
    /// The value goes on outwards.
    Passes,
    /// It is asked for, and the answer goes on.
    Asks {
        negative: bool,
    },
    Is(Care),
}

fn binary(parent: Node<'_>, child: Node<'_>, text: &str) -> Binary {
    let operator = parent.child_by_field_name("operator").map_or("", |operator| operator.kind());
    let left = is_field(parent, "left", child);
    let other = parent.child_by_field_name(if left { "right" } else { "left" });
    match operator {
        "??" | "||" if left => match other {
            // Between questions, `||` is no default: `if (!A || !B)`.
            Some(_) if operator == "||" && is_question(child) => Binary::Passes,
            Some(other) if throws(other, text) => Binary::Is(Care::Demanded),
            Some(other) => Binary::Is(literal::default_of(other, text)),
            None => Binary::Is(Care::Nothing),
        },
        "??" | "||" => Binary::Passes,
        "&&" if left && !is_question(child) => Binary::Is(Care::Asked),
        "&&" => Binary::Passes,
        "==" | "===" | "!=" | "!==" => match other.map(|other| literal::default_of(other, text)) {
            Some(Care::Literal(crate::read::Shape::Null | crate::read::Shape::Empty)) => {
                Binary::Asks { negative: operator.starts_with('=') }
            }
            Some(Care::Literal(_)) => Binary::Is(Care::Compared),
            _ => Binary::Is(Care::Nothing),
        },
        _ => Binary::Is(Care::Nothing),
    }
}

/// Whether a value is already the answer to a question rather than the value itself.
fn is_question(node: Node<'_>) -> bool {
    match node.kind() {
        "unary_expression" => node.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "!"),
        "binary_expression" => node
            .child_by_field_name("operator")
            .is_some_and(|operator| matches!(operator.kind(), "==" | "===" | "!=" | "!==" | "in" | "&&" | "||")),
        "parenthesized_expression" => first_child(node).is_some_and(is_question),
        _ => false,
    }
}

/// A question in a condition: it demands the key when the program ends where it is missing.
fn question(statement: Node<'_>, negated: bool, text: &str) -> Care {
    let branch = if negated {
        statement.child_by_field_name("consequence")
    } else {
        statement.child_by_field_name("alternative")
    };
    if branch.is_some_and(|branch| ends(branch, text)) { Care::Demanded } else { Care::Asked }
}

/// Whether a branch throws or ends the process, looking at its own statements only.
fn ends(branch: Node<'_>, text: &str) -> bool {
    match branch.kind() {
        "statement_block" | "else_clause" => children(branch).into_iter().any(|statement| ends(statement, text)),
        "throw_statement" => true,
        "expression_statement" => first_child(branch).is_some_and(|expression| throws(expression, text)),
        _ => false,
    }
}

/// Whether an expression does nothing but end the program.
fn throws(node: Node<'_>, text: &str) -> bool {
    match node.kind() {
        kind if meaning::is_wrapper(kind) => first_child(node).is_some_and(|inner| throws(inner, text)),
        "call_expression" => {
            let Some(function) = node.child_by_field_name("function") else { return false };
            match text_of(function, text) {
                "process.exit" | "exit" | "Deno.exit" | "fail" | "panic" | "raise" | "process.abort" => true,
                _ => {
                    let function =
                        if function.kind() == "parenthesized_expression" { first_child(function) } else { None };
                    // `(() => { throw new Error() })()`
                    function
                        .filter(|function| {
                            function.kind() == "arrow_function" || function.kind() == "function_expression"
                        })
                        .and_then(|function| function.child_by_field_name("body"))
                        .is_some_and(|body| ends(body, text))
                }
            }
        }
        _ => false,
    }
}

/// Notes what the code asks about variables that got a value from the environment.
pub(super) fn ask_after_variables(root: Node<'_>, text: &str, findings: &mut Findings) {
    let names: HashSet<String> = findings.reads.iter().filter_map(|read| read.bound.clone()).collect();
    if names.is_empty() {
        return;
    }
    walk(root, &mut |node, around| {
        if node.kind() != "identifier" || !names.contains(text_of(node, text)) {
            return;
        }
        let care = care(node, around, text).care;
        if care != Care::Nothing {
            let scope = scope(around, FUNCTIONS);
            findings.asked.push(Asked { name: text_of(node, text).to_owned(), at: node.start_byte(), scope, care });
        }
    });
}
