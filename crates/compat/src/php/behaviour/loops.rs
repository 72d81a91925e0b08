//! What `foreach` sees of the array that it goes over.

use std::ops::ControlFlow;

use php_ast::visitor::{Visitor, walk_expr, walk_stmt};
use php_ast::{Arg, AssignOp, BinaryOp, Expr, ExprKind, ForeachStmt, Stmt, StmtKind};

use super::super::examine::Examiner;
use super::super::literal;
use super::super::types::variable;

/// Functions that read or move an array's own pointer.
const POINTER: &[&str] = &["current", "key", "next", "prev", "reset", "end", "each", "pos"];

/// Larger texts are walked once alone, by what is made for chains as long as a file.
const WALKED: usize = 512 << 10;

/// What a walk over a loop's body found, by offset.
struct Body<'n> {
    array: &'n str,
    by_ref: bool,
    moved: Vec<u32>,
    appended: Vec<u32>,
}

impl<'a> Visitor<'a, 'a> for Body<'_> {
    type Break = ();

    fn visit_expr(&mut self, expression: &Expr<'a, 'a>) -> ControlFlow<()> {
        let expression = literal::unsigned(expression);
        match &expression.kind {
            ExprKind::FunctionCall(call) => {
                if let ExprKind::Name(name) = &call.name.kind
                    && POINTER
                        .iter()
                        .any(|known| name.to_string_repr().trim_start_matches('\\').eq_ignore_ascii_case(known))
                    && call.args.first().and_then(Arg::value).is_some_and(|array| is_variable(array, self.array))
                {
                    self.moved.push(name.span().start);
                }
            }
            ExprKind::Assign(assign) if self.by_ref && assign.op == AssignOp::Assign => {
                if let ExprKind::ArrayAccess(access) = &assign.target.kind
                    && access.index.is_none()
                    && is_variable(access.array, self.array)
                {
                    self.appended.push(expression.span.start);
                }
            }
            ExprKind::Closure(_) | ExprKind::AnonymousClass(_) => return ControlFlow::Continue(()),
            _ => {}
        }
        walk_expr(self, expression)
    }

    fn visit_stmt(&mut self, statement: &Stmt<'a, 'a>) -> ControlFlow<()> {
        match &statement.kind {
            StmtKind::Function(_) | StmtKind::Class(_) => ControlFlow::Continue(()),
            // A loop of its own over the same array.
            StmtKind::Foreach(inner) if is_variable(&inner.expr, self.array) => ControlFlow::Continue(()),
            _ => walk_stmt(self, statement),
        }
    }
}

fn is_variable(expression: &Expr<'_, '_>, name: &str) -> bool {
    matches!(&expression.kind, ExprKind::Variable(other) if other.as_str() == name)
}

impl<'a> Examiner<'a> {
    pub(in super::super) fn foreach_does(&mut self, again: &'a ForeachStmt<'a, 'a>) {
        if super::offsets::is_globals(&again.expr) && again.by_ref {
            self.does("globals-write", again.expr.span.start);
        }
        // Only code from before 7.0 can have relied on it.
        if self.question.source.is_some_and(|source| source >= crate::version::Version::new(7, 0)) {
            return;
        }
        let ExprKind::Variable(array) = &again.expr.kind else { return };
        if self.text.len() > WALKED {
            return;
        }
        let mut body = Body { array: array.as_str(), by_ref: again.by_ref, moved: Vec::new(), appended: Vec::new() };
        // The visitor never breaks off.
        let _ = body.visit_stmt(again.body);
        let (moved, appended) = (body.moved, body.appended);
        for at in moved {
            self.does("foreach-internal-pointer", at);
        }
        for at in appended {
            self.does("foreach-by-reference-append", at);
        }
    }

    /// Before a loop's body: what is assigned in it is unknown at its start, from the second time on.
    pub(in super::super) fn forget_assigned(&mut self, bodies: &[&'a Stmt<'a, 'a>]) {
        if !self.scopes.last().is_some_and(|frame| frame.known.knows_values()) {
            return;
        }
        if self.text.len() > WALKED {
            self.scope().forget_values();
            return;
        }
        let mut assigned = Assigned(Vec::new());
        for body in bodies {
            let _ = assigned.visit_stmt(body);
        }
        for name in assigned.0 {
            self.scope().forget_hashed(name);
        }
    }
}

impl<'a> Examiner<'a> {
    /// Whoever tests a variable does not know what it holds, and what was known of it may be one of several things.
    pub(in super::super) fn forget_tested(&mut self, condition: &'a Expr<'a, 'a>) {
        if self.scopes.last().is_some_and(|frame| frame.known.knows_anything()) {
            self.forget_tested_in(condition, 32);
        }
    }

    fn forget_tested_in(&mut self, condition: &'a Expr<'a, 'a>, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match &condition.kind {
            ExprKind::Variable(name) => self.scope().forget(name),
            ExprKind::Parenthesized(inner) | ExprKind::ErrorSuppress(inner) | ExprKind::Empty(inner) => {
                self.forget_tested_in(inner, depth);
            }
            ExprKind::ArrayAccess(access) => self.forget_tested_in(access.array, depth),
            ExprKind::UnaryPrefix(_) => self.forget_tested_in(literal::unsigned(condition), depth),
            ExprKind::Isset(asked) => asked.iter().for_each(|asked| self.forget_tested_in(asked, depth)),
            ExprKind::Assign(assign) => self.forget_tested_in(assign.target, depth),
            ExprKind::Binary(binary) => {
                self.forget_tested_in(binary.left, depth);
                if binary.op != BinaryOp::Instanceof {
                    self.forget_tested_in(binary.right, depth);
                }
            }
            ExprKind::FunctionCall(call) => {
                // `is_array($x)` asks of what may be an object as well.
                let asks = self.global_function(call).is_some_and(|name| {
                    name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("is_"))
                        && !name.eq_ignore_ascii_case("is_object")
                });
                for value in call.args.iter().filter_map(Arg::value) {
                    if let ExprKind::Variable(name) = &value.kind {
                        if asks {
                            self.scope().set(name, None);
                        } else {
                            self.scope().forget(name);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// The variables that are assigned somewhere.
struct Assigned(Vec<u64>);

impl<'a> Visitor<'a, 'a> for Assigned {
    type Break = ();

    fn visit_expr(&mut self, expression: &Expr<'a, 'a>) -> ControlFlow<()> {
        let expression = literal::unsigned(expression);
        let target = match &expression.kind {
            ExprKind::Assign(assign) => Some(assign.target),
            ExprKind::UnaryPrefix(unary) => Some(unary.operand),
            ExprKind::UnaryPostfix(unary) => Some(unary.operand),
            _ => None,
        };
        match target.map(|target| &target.kind) {
            Some(ExprKind::Variable(name)) => self.0.push(variable(name)),
            Some(ExprKind::Array(elements)) => {
                for element in elements.iter() {
                    if let ExprKind::Variable(name) = &element.value().kind {
                        self.0.push(variable(name));
                    }
                }
            }
            _ => {}
        }
        walk_expr(self, expression)
    }
}
