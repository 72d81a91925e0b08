//! What the tree-sitter languages share: parsing within bounds, and walking a tree with all that surrounds each node at hand.

use std::ops::{ControlFlow, Range};

use tree_sitter::{Language, Node, ParseOptions, ParseState, Parser, Tree};

/// Parses a text. An error says why there is no tree: the grammar does not fit, or the text costs far more than its length warrants.
pub(crate) fn parse(language: &Language, text: &str) -> Result<Tree, String> {
    let mut parser = Parser::new();
    parser.set_language(language).map_err(|error| format!("the grammar does not fit: {error}"))?;
    // The callback comes once in a hundred operations; ordinary code takes less than one operation a byte.
    let mut left = 2_000 + text.len() / 2;
    let mut progress = |_: &ParseState| {
        left = left.saturating_sub(1);
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let bytes = text.as_bytes();
    let mut read = |at: usize, _| bytes.get(at..).unwrap_or_default();
    parser.parse_with_options(&mut read, None, Some(options)).ok_or_else(|| "too costly to parse".to_owned())
}

/// Why a tree is not whole, if it is not.
pub(crate) fn broken(root: Node<'_>) -> Option<String> {
    if !root.has_error() {
        return None;
    }
    let mut line = None;
    walk(root, &mut |node, _| {
        if line.is_none() && (node.is_error() || node.is_missing()) {
            line = Some(node.start_position().row + 1);
        }
    });
    Some(line.map_or_else(|| "a syntax error".to_owned(), |line| format!("a syntax error in line {line}")))
}

/// Calls `visit` for each named node before its children, with the nodes around it, outermost first.
pub(crate) fn walk<'t>(root: Node<'t>, visit: &mut impl FnMut(Node<'t>, &[Node<'t>])) {
    let mut cursor = root.walk();
    let mut around: Vec<Node<'t>> = Vec::new();
    loop {
        let node = cursor.node();
        // Tokens without a name have nothing below them.
        if node.is_named() || node.is_missing() {
            visit(node, &around);
            if cursor.goto_first_child() {
                around.push(node);
                continue;
            }
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            around.pop();
        }
    }
}

/// The named nodes of a tree in the order of the text, so that it is walked once and looked through several times: to move about in a tree
/// costs as much as a third of parsing it. A file of the largest size may need 40 MB for them.
pub(crate) struct Nodes<'t> {
    /// Each with how many of the nodes before stand around it.
    all: Vec<(Node<'t>, usize)>,
    language: tree_sitter::LanguageRef<'t>,
}

impl<'t> Nodes<'t> {
    pub(crate) fn of(tree: &'t Tree) -> Self {
        let mut all = Vec::new();
        walk(tree.root_node(), &mut |node, around| all.push((node, around.len())));
        Self { all, language: tree.language() }
    }

    /// Calls `visit` for each node of the kinds, with the nodes around it, outermost first.
    pub(crate) fn each(&self, kinds: &[&str], visit: &mut impl FnMut(Node<'t>, &[Node<'t>])) {
        let wanted: Vec<u16> = kinds.iter().map(|kind| self.language.id_for_node_kind(kind, true)).collect();
        let mut around: Vec<Node<'t>> = Vec::new();
        for (node, depth) in &self.all {
            around.truncate(*depth);
            if wanted.contains(&node.kind_id()) {
                visit(*node, &around);
            }
            around.push(*node);
        }
    }
}

/// A node's source text.
pub(crate) fn text_of<'s>(node: Node<'_>, text: &'s str) -> &'s str {
    text.get(node.byte_range()).unwrap_or_default()
}

/// The child in a field, if it is this node.
pub(crate) fn is_field(parent: Node<'_>, field: &str, node: Node<'_>) -> bool {
    parent.child_by_field_name(field).is_some_and(|child| child == node)
}

/// Named children but comments.
pub(crate) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

/// The first named child that is no comment.
pub(crate) fn first_child(node: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).find(|child| child.kind() != "comment")
}

/// How far outwards the surroundings of a read are looked at.
pub(crate) const OUTWARDS: usize = 64;

/// How far outwards the function around a read is looked for; deeper nesting is generated code.
const OUTWARDS_TO_FUNCTION: usize = 2_000;

/// Bytes of the innermost node around that is of one of the kinds; of the outermost, when there is none.
pub(crate) fn scope(around: &[Node<'_>], kinds: &[&str]) -> Range<usize> {
    around
        .iter()
        .rev()
        .take(OUTWARDS_TO_FUNCTION)
        .find(|node| kinds.contains(&node.kind()))
        .or(around.first())
        .map_or(0..usize::MAX, Node::byte_range)
}
