//! Literals of PHP.

use php_ast::{Expr, ExprKind, UnaryPrefixOp};

use crate::facts::ArgKind;

/// Without parentheses around it.
pub(super) fn bare<'a>(mut expression: &'a Expr<'a, 'a>) -> &'a Expr<'a, 'a> {
    while let ExprKind::Parenthesized(inner) = &expression.kind {
        expression = inner;
    }
    expression
}

/// The text of a string literal.
pub(super) fn string<'a>(expression: &'a Expr<'a, 'a>) -> Option<&'a str> {
    match &expression.kind {
        ExprKind::String(text) => text.to_str(),
        ExprKind::Nowdoc { value, .. } => Some(value),
        ExprKind::Parenthesized(inner) => string(inner),
        _ => None,
    }
}

/// The value of an integer literal, which may be negative.
pub(super) fn integer<'a>(expression: &'a Expr<'a, 'a>) -> Option<i64> {
    match &expression.kind {
        ExprKind::Int(number) => Some(*number),
        ExprKind::Parenthesized(inner) => integer(inner),
        ExprKind::UnaryPrefix(unary) => match unary.op {
            UnaryPrefixOp::Negate => integer(unary.operand).and_then(i64::checked_neg),
            UnaryPrefixOp::Plus => integer(unary.operand),
            _ => None,
        },
        _ => None,
    }
}

/// `true` and `false`.
pub(super) fn boolean(expression: &Expr<'_, '_>) -> Option<bool> {
    match &expression.kind {
        ExprKind::Bool(value) => Some(*value),
        ExprKind::Parenthesized(inner) => boolean(inner),
        _ => None,
    }
}

/// What a literal is.
pub(super) fn kind(expression: &Expr<'_, '_>) -> Option<ArgKind> {
    Some(match &expression.kind {
        ExprKind::String(_) | ExprKind::Nowdoc { .. } | ExprKind::InterpolatedString(_) | ExprKind::Heredoc { .. } => {
            ArgKind::String
        }
        ExprKind::Int(_) => ArgKind::Int,
        ExprKind::Float(_) => ArgKind::Float,
        ExprKind::Bool(_) => ArgKind::Bool,
        ExprKind::Null => ArgKind::Null,
        ExprKind::Array(_) => ArgKind::Array,
        ExprKind::Closure(_) | ExprKind::ArrowFunction(_) | ExprKind::CallableCreate(_) => ArgKind::Closure,
        ExprKind::New(_) | ExprKind::AnonymousClass(_) | ExprKind::Clone(_) => ArgKind::Object,
        ExprKind::Parenthesized(inner) => return kind(inner),
        ExprKind::UnaryPrefix(unary) if unary.op == UnaryPrefixOp::Negate => match kind(unary.operand)? {
            ArgKind::Int | ArgKind::Float => ArgKind::Negative,
            _ => return None,
        },
        _ => return None,
    })
}
