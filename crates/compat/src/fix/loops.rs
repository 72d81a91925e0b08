//! `while (list($key, $value) = each($list))` as `foreach`.

use std::ops::ControlFlow;

use php_ast::visitor::{Visitor, walk_expr};
use php_ast::{Arg, ArrayElement, AssignOp, Expr, ExprKind, Span, WhileStmt};

use super::edit::Edit;
use super::find::Finder;
use crate::php::literal;

impl Finder<'_> {
    pub(super) fn each_loop(&mut self, again: &WhileStmt<'_, '_>, whole: Span) {
        let mut condition = &again.condition;
        while let ExprKind::Parenthesized(inner) = &condition.kind {
            condition = inner;
        }
        let ExprKind::Assign(assign) = &condition.kind else { return };
        let ExprKind::Array(elements) = &assign.target.kind else { return };
        let mut value = assign.value;
        if let ExprKind::ErrorSuppress(inner) = &value.kind {
            value = inner;
        }
        let ExprKind::FunctionCall(call) = &value.kind else { return };
        let Some((name, at)) = self.function(call) else { return };
        let [argument] = &*call.args else { return };
        let Some(array) = argument.value() else { return };
        if name != "each" || assign.op != AssignOp::Assign || !is_plain(array) {
            return;
        }
        let array_text = self.source(array.span.start, array.span.end).to_owned();
        if self.changes(again, array, &array_text) {
            return;
        }
        let Some(head) = self.head(elements, &array_text) else { return };
        let mut edits = vec![Edit::new(whole.start, condition_end(self.text, again), format!("foreach ({head})"))];
        if again.uses_alternative {
            let end = self.source(whole.start, whole.end).to_ascii_lowercase().rfind("endwhile");
            let Some(end) = end.and_then(|end| u32::try_from(end).ok()) else { return };
            edits.push(Edit::new(whole.start + end, whole.start + end + 8, "endforeach"));
        }
        self.fix("function each", at, edits);
    }

    /// What stands in the parentheses of `foreach`.
    fn head(&self, elements: &[ArrayElement<'_, '_>], array: &str) -> Option<String> {
        let text = |element: &ArrayElement<'_, '_>| match &element.value().kind {
            ExprKind::Omit => Some(String::new()),
            ExprKind::Variable(_) if element.key.is_none() && !element.is_by_ref() => {
                Some(self.source(element.span.start, element.span.end).to_owned())
            }
            _ => None,
        };
        let mut names = Vec::new();
        for element in elements {
            names.push(text(element)?);
        }
        names.resize(names.len().max(2), String::new());
        match &names[..] {
            [key, value] if !key.is_empty() && !value.is_empty() => Some(format!("{array} as {key} => {value}")),
            [key, value] if key.is_empty() && !value.is_empty() => Some(format!("{array} as {value}")),
            [key, _] if !key.is_empty() => Some(format!("array_keys({array}) as {key}")),
            _ => None,
        }
    }

    /// Whether the loop's body may change the array, or read where in it the loop is: `foreach` goes over a copy.
    fn changes(&self, again: &WhileStmt<'_, '_>, array: &Expr<'_, '_>, array_text: &str) -> bool {
        let mut body = Body { text: self.text, array: array_text, touches: false };
        let _ = body.visit_stmt(again.body);
        // A property may be changed by any method.
        body.touches || (!matches!(array.kind, ExprKind::Variable(_)) && calls_anything(again))
    }
}

/// A variable or a property: what gives the same each time that it is asked.
fn is_plain(expression: &Expr<'_, '_>) -> bool {
    match &expression.kind {
        ExprKind::Variable(_) => true,
        ExprKind::PropertyAccess(access) => {
            matches!(access.property.kind, ExprKind::Identifier(_)) && is_plain(access.object)
        }
        ExprKind::ArrayAccess(access) => {
            is_plain(access.array)
                && access.index.is_some_and(|index| {
                    matches!(index.kind, ExprKind::String(_) | ExprKind::Int(_) | ExprKind::Variable(_))
                })
        }
        _ => false,
    }
}

/// Where the `)` of a loop's condition ends.
fn condition_end(text: &str, again: &WhileStmt<'_, '_>) -> u32 {
    let mut at = again.condition.span.end as usize;
    let bytes = text.as_bytes();
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    u32::try_from(at + 1).unwrap_or(again.condition.span.end)
}

struct Body<'t> {
    text: &'t str,
    array: &'t str,
    touches: bool,
}

impl Body<'_> {
    fn is_array(&self, expression: &Expr<'_, '_>) -> bool {
        let mut base = expression;
        loop {
            if self.text.get(base.span.start as usize..base.span.end as usize) == Some(self.array) {
                return true;
            }
            match &base.kind {
                ExprKind::ArrayAccess(access) => base = access.array,
                _ => return false,
            }
        }
    }
}

/// Whether a loop's body calls any method.
fn calls_anything(again: &WhileStmt<'_, '_>) -> bool {
    let mut calls = Calls(false);
    let _ = calls.visit_stmt(again.body);
    calls.0
}

struct Calls(bool);

impl<'a> Visitor<'a, 'a> for Calls {
    type Break = ();

    fn visit_expr(&mut self, expression: &Expr<'a, 'a>) -> ControlFlow<()> {
        let expression = literal::unsigned(expression);
        self.0 |= matches!(expression.kind, ExprKind::MethodCall(_) | ExprKind::StaticMethodCall(_));
        walk_expr(self, expression)
    }
}

impl<'a> Visitor<'a, 'a> for Body<'_> {
    type Break = ();

    fn visit_expr(&mut self, expression: &Expr<'a, 'a>) -> ControlFlow<()> {
        let expression = literal::unsigned(expression);
        match &expression.kind {
            ExprKind::Assign(assign) => {
                self.touches |= self.is_array(assign.target) || (assign.by_ref && self.is_array(assign.value));
                if let ExprKind::Array(elements) = &assign.target.kind {
                    self.touches |= elements.iter().any(|element| self.is_array(element.value()));
                }
            }
            ExprKind::UnaryPrefix(unary) => self.touches |= self.is_array(unary.operand) && steps(expression),
            ExprKind::UnaryPostfix(unary) => self.touches |= self.is_array(unary.operand),
            // It may be taken by reference, or be asked for its pointer.
            ExprKind::FunctionCall(call) => {
                let harmless = [
                    "count",
                    "sizeof",
                    "in_array",
                    "isset",
                    "implode",
                    "join",
                    "array_key_exists",
                    "is_array",
                    "print_r",
                    "var_dump",
                ];
                let known = matches!(&call.name.kind, ExprKind::Name(name)
                    if harmless.iter().any(|known| name.to_string_repr().trim_start_matches('\\').eq_ignore_ascii_case(known)));
                self.touches |= !known
                    && call
                        .args
                        .iter()
                        .filter_map(Arg::value)
                        .any(|value| self.is_array(value) && value.span.end - value.span.start == self.length());
            }
            ExprKind::MethodCall(call) => self.touches |= self.passes(&call.args),
            ExprKind::StaticMethodCall(call) => self.touches |= self.passes(&call.args),
            ExprKind::New(new) => self.touches |= self.passes(&new.args),
            ExprKind::Include(..) | ExprKind::Eval(_) | ExprKind::VariableVariable(_) => self.touches = true,
            _ => {}
        }
        walk_expr(self, expression)
    }

    fn visit_stmt(&mut self, statement: &php_ast::Stmt<'a, 'a>) -> ControlFlow<()> {
        match &statement.kind {
            php_ast::StmtKind::Unset(targets) => self.touches |= targets.iter().any(|target| self.is_array(target)),
            php_ast::StmtKind::Global(_) => self.touches = true,
            php_ast::StmtKind::Foreach(again) => self.touches |= again.by_ref && self.is_array(&again.expr),
            _ => {}
        }
        php_ast::visitor::walk_stmt(self, statement)
    }
}

impl Body<'_> {
    fn length(&self) -> u32 {
        u32::try_from(self.array.len()).unwrap_or(u32::MAX)
    }

    fn passes(&self, args: &[Arg<'_, '_>]) -> bool {
        args.iter()
            .filter_map(Arg::value)
            .any(|value| self.is_array(value) && value.span.end - value.span.start == self.length())
    }
}

fn steps(expression: &Expr<'_, '_>) -> bool {
    matches!(&expression.kind, ExprKind::UnaryPrefix(unary)
        if matches!(unary.op, php_ast::UnaryPrefixOp::PreIncrement | php_ast::UnaryPrefixOp::PreDecrement))
}
