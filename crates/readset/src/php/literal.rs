//! Literals of PHP: the key that an argument names, the shape of a default.

use php_ast::{BinaryOp, Expr, ExprKind, StringPart, UnaryPrefixOp};

use crate::findings::Care;
use crate::read::{Key, Shape};

/// The text of a string literal.
pub(super) fn string<'e>(expression: &'e Expr<'_, '_>) -> Option<&'e str> {
    match &expression.kind {
        ExprKind::String(text) => text.to_str(),
        ExprKind::Parenthesized(inner) => string(inner),
        _ => None,
    }
}

/// The key that an index or argument names.
pub(super) fn key(expression: &Expr<'_, '_>) -> Key {
    if let Some(name) = string(expression) {
        return Key::Named(name.to_owned());
    }
    match &expression.kind {
        ExprKind::InterpolatedString(parts) => match parts.first() {
            Some(StringPart::Literal(text)) => pattern(&text.to_string_lossy()),
            _ => Key::Computed,
        },
        ExprKind::Binary(_) => leftmost(expression).map_or(Key::Computed, pattern),
        _ => Key::Computed,
    }
}

fn pattern(prefix: &str) -> Key {
    if prefix.is_empty() { Key::Computed } else { Key::Pattern { prefix: prefix.to_owned() } }
}

/// The string with which a concatenation begins.
pub(super) fn leftmost<'e>(mut expression: &'e Expr<'_, '_>) -> Option<&'e str> {
    while let ExprKind::Binary(binary) = &expression.kind {
        if binary.op != BinaryOp::Concat {
            return None;
        }
        expression = binary.left;
    }
    string(expression)
}

/// What a default is, without its text.
pub(super) fn default_of(expression: &Expr<'_, '_>) -> Care {
    match &expression.kind {
        ExprKind::String(text) => Care::Literal(Shape::of_text(&text.to_string_lossy())),
        ExprKind::Int(_) | ExprKind::Float(_) => Care::Literal(Shape::Number),
        ExprKind::Bool(_) => Care::Literal(Shape::Boolean),
        ExprKind::Null => Care::Literal(Shape::Null),
        ExprKind::Array(_) => Care::Literal(Shape::Collection),
        ExprKind::Nowdoc { value, .. } => Care::Literal(Shape::of_text(value)),
        ExprKind::Parenthesized(inner) => default_of(inner),
        ExprKind::UnaryPrefix(unary)
            if matches!(unary.op, UnaryPrefixOp::Negate | UnaryPrefixOp::Plus)
                && matches!(unary.operand.kind, ExprKind::Int(_) | ExprKind::Float(_)) =>
        {
            Care::Literal(Shape::Number)
        }
        _ => Care::Expression,
    }
}
