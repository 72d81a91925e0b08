//! Forms of calls.

use php_ast::{Arg, ArgKind, Expr, ExprKind, FunctionCallExpr};

use super::super::examine::Examiner;

impl<'a> Examiner<'a> {
    pub(in super::super) fn call_form(&mut self, call: &'a FunctionCallExpr<'a, 'a>, whole: &'a Expr<'a, 'a>) {
        match &call.name.kind {
            ExprKind::Name(_) | ExprKind::Variable(_) | ExprKind::Identifier(_) | ExprKind::VariableVariable(_) => {}
            // `$list[0]()` and `$object->property[0]()` were taken before.
            ExprKind::ArrayAccess(access) => {
                if matches!(access.array.kind, ExprKind::StaticPropertyAccess(_)) {
                    self.form("indirect-access", whole.span.start);
                }
            }
            _ => self.form("uniform-variable", whole.span.start),
        }
        self.arguments_form(&call.args, whole);
    }

    pub(in super::super) fn method_form(
        &mut self,
        object: &'a Expr<'a, 'a>,
        args: &'a [Arg<'a, 'a>],
        whole: &'a Expr<'a, 'a>,
    ) {
        self.dereferenced_form(object, object.span.start);
        self.arguments_form(args, whole);
    }

    pub(in super::super) fn arguments_form(&mut self, args: &'a [Arg<'a, 'a>], whole: &'a Expr<'a, 'a>) {
        for arg in args {
            let at = arg.span.start;
            if arg.name.is_some() {
                self.form("named-argument", at);
            }
            match &arg.kind {
                ArgKind::Spread(_) => self.form("argument-unpacking", at),
                ArgKind::ByRef(_) => self.form("call-time-by-reference", at),
                _ => {}
            }
        }
        if let Some(last) = args.last()
            && self.source(last.span.end, whole.span.end).trim_start().starts_with(',')
        {
            self.form("call-trailing-comma", last.span.end);
        }
    }
}
