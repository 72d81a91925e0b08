//! What happens to a value when its key is missing, as told by what stands around the read.

use std::collections::HashSet;

use tree_sitter::Node;

use super::{literal, meaning};
use crate::findings::{Asked, Care, Findings};
use crate::read::Shape;
use crate::tree::{Nodes, OUTWARDS, children, first_child, is_field, scope, text_of};

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
    // Whether the whole condition may turn out either way when the key is missing.
    let mut open = false;
    // An odd number of negations before a question.
    let mut negated = false;
    let plain = |optional: bool| Around { care: if optional { Care::Asked } else { Care::Nothing }, bound: None };
    for (index, parent) in around.iter().enumerate().rev().take(OUTWARDS) {
        let parent = *parent;
        match parent.kind() {
            "if_statement" if is_field(parent, "condition", child) => {
                return asked(if open { Care::Asked } else { question(parent, negated, text) });
            }
            "while_statement" | "do_statement" if is_field(parent, "condition", child) => return asked(Care::Asked),
            "switch_statement" if is_field(parent, "value", child) => return asked(Care::Compared),
            kind if meaning::is_wrapper(kind) => {}
            "binary_expression" => match binary(parent, child, text) {
                Binary::Passes => {
                    // Missing makes `a || b` true only if it makes a side true, and `a && b` false only if it makes a side false.
                    let or = parent.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "||");
                    open |= or != negated;
                }
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
        "&&" if left && !is_question(child) => Binary::Is(Care::Asked),
        "??" | "||" | "&&" => Binary::Passes,
        "==" | "===" | "!=" | "!==" => match other.map(|other| literal::default_of(other, text)) {
            Some(Care::Literal(Shape::Null | Shape::Empty)) => Binary::Asks { negative: operator.starts_with('=') },
            Some(Care::Literal(_)) => Binary::Is(Care::Compared),
            _ => Binary::Is(Care::Nothing),
        },
        _ => Binary::Is(Care::Nothing),
    }
}

/// Whether a value is already the answer to a question rather than the value itself. Of `a || b` the right side tells.
fn is_question(node: Node<'_>) -> bool {
    let mut node = meaning::peeled(node);
    while node.kind() == "binary_expression" {
        match node.child_by_field_name("operator").map(|operator| operator.kind()) {
            Some("==" | "===" | "!=" | "!==" | "in") => return true,
            Some("&&" | "||") => {}
            _ => return false,
        }
        let Some(right) = node.child_by_field_name("right") else { return false };
        node = meaning::peeled(right);
    }
    node.kind() == "unary_expression"
        && node.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "!")
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
    let branch = if branch.kind() == "else_clause" { first_child(branch).unwrap_or(branch) } else { branch };
    let ends = |statement: Node<'_>| {
        statement.kind() == "throw_statement"
            || (statement.kind() == "expression_statement"
                && first_child(statement).is_some_and(|expression| exits(meaning::peeled(expression), text)))
    };
    if branch.kind() == "statement_block" { children(branch).into_iter().any(ends) } else { ends(branch) }
}

/// Whether an expression does nothing but end the program: `fail('...')`, `(() => { throw new Error() })()`.
fn throws(node: Node<'_>, text: &str) -> bool {
    let node = meaning::peeled(node);
    let body = || {
        let function = meaning::peeled(node.child_by_field_name("function")?);
        matches!(function.kind(), "arrow_function" | "function_expression")
            .then(|| function.child_by_field_name("body"))?
    };
    node.kind() == "call_expression" && (exits(node, text) || body().is_some_and(|body| ends(body, text)))
}

/// Whether a call ends the program by its name.
fn exits(call: Node<'_>, text: &str) -> bool {
    const EXITS: &[&str] = &["process.exit", "exit", "Deno.exit", "fail", "panic", "raise", "process.abort"];
    call.kind() == "call_expression"
        && call.child_by_field_name("function").is_some_and(|function| EXITS.contains(&text_of(function, text)))
}

/// Notes what the code asks about variables that got a value from the environment.
pub(super) fn ask_after_variables(nodes: &Nodes<'_>, text: &str, findings: &mut Findings) {
    let names: HashSet<String> = findings.reads.iter().filter_map(|read| read.bound.clone()).collect();
    if names.is_empty() {
        return;
    }
    nodes.each(&["identifier"], &mut |node, around| {
        if !names.contains(text_of(node, text)) {
            return;
        }
        let care = care(node, around, text).care;
        if care != Care::Nothing {
            let scope = scope(around, FUNCTIONS);
            findings.asked.push(Asked { name: text_of(node, text).to_owned(), at: node.start_byte(), scope, care });
        }
    });
}
