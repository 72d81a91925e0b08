//! What happens to an expression's value when the key is missing, as told by what stands around it.

use php_ast::{AssignOp, BinaryOp, Expr, ExprKind, Stmt, StmtKind};

use super::literal::default_of;
use crate::findings::Care;
use crate::read::Shape;

/// What stands around an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Context {
    /// Nothing that matters.
    Plain,
    /// The variable gets it.
    Bound(String),
    /// Something takes its place.
    Default(Care),
    /// It is a condition; the program may end when it holds, or when it does not.
    Condition { true_ends: bool, false_ends: bool },
    /// It is compared with literals.
    Compared,
}

/// A condition after which both ways go on.
pub(super) const CONDITION: Context = Context::Condition { true_ends: false, false_ends: false };

impl Context {
    /// What becomes of a read here.
    pub(super) fn care(&self) -> Care {
        match self {
            Self::Plain | Self::Bound(_) => Care::Nothing,
            Self::Default(care) => *care,
            // A key that is missing reads as false.
            Self::Condition { false_ends: true, .. } => Care::Demanded,
            Self::Condition { .. } => Care::Asked,
            Self::Compared => Care::Compared,
        }
    }

    /// The context of `x` in `!x`.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Condition { true_ends, false_ends } => {
                Self::Condition { true_ends: false_ends, false_ends: true_ends }
            }
            _ => CONDITION,
        }
    }

    /// The context of what stands in `isset()`: a condition in any case.
    pub(super) fn condition(self) -> Self {
        if matches!(self, Self::Condition { .. }) { self } else { CONDITION }
    }
}

/// The contexts of both sides of a binary operation.
pub(super) fn of_sides(
    operator: BinaryOp,
    left: &Expr<'_, '_>,
    right: &Expr<'_, '_>,
    outer: Context,
) -> (Context, Context) {
    match operator {
        BinaryOp::BooleanOr | BinaryOp::LogicalOr if ends_value(right) => {
            (Context::Condition { true_ends: false, false_ends: true }, Context::Plain)
        }
        // Of `a || b` each alone makes it true, and neither alone makes it false.
        BinaryOp::BooleanOr | BinaryOp::LogicalOr => {
            let ends = matches!(outer, Context::Condition { true_ends: true, .. });
            let side = Context::Condition { true_ends: ends, false_ends: false };
            (side.clone(), side)
        }
        BinaryOp::BooleanAnd | BinaryOp::LogicalAnd => {
            let ends = matches!(outer, Context::Condition { false_ends: true, .. });
            let side = Context::Condition { true_ends: false, false_ends: ends };
            (side.clone(), if matches!(outer, Context::Condition { .. }) { side } else { Context::Plain })
        }
        BinaryOp::Equal | BinaryOp::Identical => (compared(right, outer.clone(), true), compared(left, outer, true)),
        BinaryOp::NotEqual | BinaryOp::NotIdentical => {
            (compared(right, outer.clone(), false), compared(left, outer, false))
        }
        _ => (Context::Plain, Context::Plain),
    }
}

/// The context of what is compared with `other`. To compare with nothing is to ask.
fn compared(other: &Expr<'_, '_>, outer: Context, equal: bool) -> Context {
    let empty = match default_of(other) {
        Care::Literal(Shape::Null | Shape::Empty) => true,
        Care::Literal(Shape::Boolean) => matches!(other.kind, ExprKind::Bool(false)),
        Care::Literal(_) => false,
        _ => return Context::Plain,
    };
    match (empty, equal) {
        (false, _) => Context::Compared,
        (true, true) => outer.negated(),
        (true, false) => outer.condition(),
    }
}

/// The context of the left of `??`, `?:` and their like.
pub(super) fn of_default(default: &Expr<'_, '_>) -> Context {
    Context::Default(if ends_value(default) { Care::Demanded } else { default_of(default) })
}

/// The context of an assigned value.
pub(super) fn of_assigned(operator: AssignOp, target: &Expr<'_, '_>, outer: Context) -> Context {
    match (&target.kind, operator) {
        (_, AssignOp::Assign) if matches!(outer, Context::Condition { .. }) => outer,
        (ExprKind::Variable(name), AssignOp::Assign) => Context::Bound(name.as_str().to_owned()),
        _ => Context::Plain,
    }
}

/// Whether a statement ends the program or throws, looking at its own statements only.
pub(super) fn ends(statement: &Stmt<'_, '_>) -> bool {
    match &statement.kind {
        StmtKind::Block(block) => block.stmts.iter().any(ends),
        StmtKind::Throw(_) => true,
        StmtKind::Expression(expression) => ends_value(expression),
        _ => false,
    }
}

/// Whether an expression does nothing but end the program or throw.
pub(super) fn ends_value(expression: &Expr<'_, '_>) -> bool {
    match &expression.kind {
        ExprKind::Throw(_) | ExprKind::Exit(_) => true,
        ExprKind::Parenthesized(inner) => ends_value(inner),
        ExprKind::FunctionCall(call) => match &call.name.kind {
            ExprKind::Name(name) => {
                ["abort", "trigger_error"].iter().any(|known| name.to_string_repr().eq_ignore_ascii_case(known))
            }
            _ => false,
        },
        _ => false,
    }
}
