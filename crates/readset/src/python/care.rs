//! What happens to a value when its key is missing, as told by what stands around the read.

use std::collections::HashSet;

use tree_sitter::Node;

use super::literal;
use crate::findings::{Asked, Care, Findings};
use crate::read::Shape;
use crate::tree::{Nodes, OUTWARDS, children, first_child, is_field, scope, text_of};

/// Functions: a variable of the same name in another one is another variable.
pub(super) const FUNCTIONS: &[&str] = &["function_definition", "lambda"];

/// What surrounds a value.
pub(super) struct Around {
    pub(super) care: Care,
    /// The variable that gets the value as it is.
    pub(super) bound: Option<String>,
}

/// Climbs from a node outwards as long as its value is passed on.
pub(super) fn care(node: Node<'_>, around: &[Node<'_>], text: &str) -> Around {
    climb(node, around, text, false)
}

/// What surrounds `'KEY' not in os.environ`, which is true when the key is missing.
pub(super) fn of_absence(node: Node<'_>, around: &[Node<'_>], text: &str) -> Around {
    climb(node, around, text, true)
}

fn climb(node: Node<'_>, around: &[Node<'_>], text: &str, mut negated: bool) -> Around {
    let mut child = node;
    let mut asks = false;
    // Whether the whole condition may turn out either way when the key is missing.
    let mut open = false;
    for parent in around.iter().rev().take(OUTWARDS).copied() {
        match parent.kind() {
            "parenthesized_expression" => {}
            "not_operator" => {
                negated = !negated;
                asks = true;
            }
            "boolean_operator" => {
                let left = is_field(parent, "left", child);
                let or = parent.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "or");
                match (or, left, asks) {
                    (true, true, false) => {
                        let other = parent.child_by_field_name("right");
                        return is(other.map_or(Care::Nothing, |other| literal::default_of(other, text)));
                    }
                    (false, true, false) => return is(Care::Asked),
                    _ => open |= or != negated,
                }
            }
            "comparison_operator" => match compared(parent, child, text) {
                Some(Compared::Asks { negative }) => {
                    negated ^= negative;
                    asks = true;
                }
                Some(Compared::Literal) => return is(Care::Compared),
                None => return plain(asks),
            },
            "conditional_expression" => {
                let parts = children(parent);
                if parts.get(1) == Some(&child) {
                    return is(Care::Asked);
                }
            }
            "if_statement" | "elif_clause" if is_field(parent, "condition", child) => {
                let ends = if negated { parent.child_by_field_name("consequence") } else { otherwise(parent) };
                return is(if !open && ends.is_some_and(|branch| ends_program(branch, text)) {
                    Care::Demanded
                } else {
                    Care::Asked
                });
            }
            "while_statement" | "if_clause" => return is(Care::Asked),
            "match_statement" => return is(Care::Compared),
            "assert_statement" if first_child(parent) == Some(child) => {
                return is(if negated || open { Care::Asked } else { Care::Demanded });
            }
            "named_expression" | "assignment" => {
                let (field, value) = if parent.kind() == "assignment" { ("left", "right") } else { ("name", "value") };
                if !is_field(parent, value, child) {
                    return plain(asks);
                }
                if parent.kind() == "assignment" {
                    let name = parent.child_by_field_name(field).filter(|name| name.kind() == "identifier");
                    return Around { bound: name.map(|name| text_of(name, text).to_owned()), ..plain(asks) };
                }
            }
            _ => return plain(asks),
        }
        child = parent;
    }
    plain(asks)
}

fn is(care: Care) -> Around {
    Around { care, bound: None }
}

fn plain(asks: bool) -> Around {
    is(if asks { Care::Asked } else { Care::Nothing })
}

enum Compared {
    /// With nothing, which is a question for presence.
    Asks { negative: bool },
    /// With other literals.
    Literal,
}

fn compared(parent: Node<'_>, child: Node<'_>, text: &str) -> Option<Compared> {
    let operands = children(parent);
    let [left, right] = operands.as_slice() else { return None };
    let other = if *left == child { *right } else { *left };
    let mut cursor = parent.walk();
    let operator: Vec<&str> =
        parent.children_by_field_name("operators", &mut cursor).map(|operator| text_of(operator, text)).collect();
    let operator = operator.join(" ");
    match operator.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["is" | "=="] => of_other(other, true, text),
        ["is", "not"] | ["!="] => of_other(other, false, text),
        // `os.getenv('X') in ('1', 'true')`
        ["in"] | ["not", "in"] if *left == child => match literal::default_of(other, text) {
            Care::Literal(_) => Some(Compared::Literal),
            _ => None,
        },
        _ => None,
    }
}

fn of_other(other: Node<'_>, equal: bool, text: &str) -> Option<Compared> {
    match literal::default_of(other, text) {
        Care::Literal(Shape::Null | Shape::Empty) => Some(Compared::Asks { negative: equal }),
        Care::Literal(_) => Some(Compared::Literal),
        _ => None,
    }
}

/// The `else` of a statement, if nothing else stands between.
fn otherwise(statement: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = statement.walk();
    let mut branches = statement.children_by_field_name("alternative", &mut cursor);
    let first = branches.next().filter(|branch| branch.kind() == "else_clause")?;
    first.child_by_field_name("body")
}

/// Whether a branch raises or ends the process, looking at its own statements only.
fn ends_program(block: Node<'_>, text: &str) -> bool {
    children(block).into_iter().any(|statement| match statement.kind() {
        "raise_statement" => true,
        "expression_statement" => first_child(statement)
            .filter(|call| call.kind() == "call")
            .and_then(|call| call.child_by_field_name("function"))
            .is_some_and(|function| {
                matches!(text_of(function, text), "sys.exit" | "exit" | "quit" | "os._exit" | "os.abort")
            }),
        _ => false,
    })
}

/// Whether a `KeyError` is caught around a node.
pub(super) fn is_caught(node: Node<'_>, around: &[Node<'_>], text: &str) -> bool {
    around.iter().rev().take_while(|parent| !FUNCTIONS.contains(&parent.kind())).any(|parent| {
        parent.kind() == "try_statement"
            && parent.child_by_field_name("body").is_some_and(|body| body.end_byte() >= node.end_byte())
            && children(*parent).into_iter().filter(|clause| clause.kind() == "except_clause").any(|clause| {
                let caught = children(clause).into_iter().find(|child| child.kind() != "block");
                caught.is_none_or(|caught| {
                    let caught = text_of(caught, text);
                    ["KeyError", "LookupError", "Exception"].iter().any(|known| caught.contains(known))
                }) && clause_copes(clause, text)
            })
    })
}

/// Whether a clause goes on instead of raising again.
fn clause_copes(clause: Node<'_>, text: &str) -> bool {
    children(clause).into_iter().filter(|child| child.kind() == "block").all(|block| !ends_program(block, text))
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
