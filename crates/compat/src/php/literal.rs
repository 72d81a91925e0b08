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

/// Without signs before it: they stand in chains as long as the file, and hold nothing but what they stand before.
pub(crate) fn unsigned<'e, 'a>(mut expression: &'e Expr<'a, 'a>) -> &'e Expr<'a, 'a> {
    while let ExprKind::UnaryPrefix(unary) = &expression.kind {
        if matches!(unary.op, UnaryPrefixOp::PreIncrement | UnaryPrefixOp::PreDecrement) {
            break;
        }
        expression = unary.operand;
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
    let expression = bare(expression);
    let (negative, expression) = match &expression.kind {
        ExprKind::UnaryPrefix(unary) if unary.op == UnaryPrefixOp::Negate => (true, bare(unary.operand)),
        ExprKind::UnaryPrefix(unary) if unary.op == UnaryPrefixOp::Plus => (false, bare(unary.operand)),
        _ => (false, expression),
    };
    match &expression.kind {
        ExprKind::Int(number) if negative => number.checked_neg(),
        ExprKind::Int(number) => Some(*number),
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
        ExprKind::UnaryPrefix(unary) if unary.op == UnaryPrefixOp::Negate => match &unary.operand.kind {
            ExprKind::Int(_) | ExprKind::Float(_) => ArgKind::Negative,
            _ => return None,
        },
        _ => return None,
    })
}
