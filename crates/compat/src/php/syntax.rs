//! Rules about syntax.

use php_ast::{Arg, Expr, MethodCallExpr, Span, Stmt};

use super::examine::{Examiner, Meeting};

impl<'a> Examiner<'a> {
    pub(super) fn syntax_of_statement(&mut self, _statement: &'a Stmt<'a, 'a>) {}
    pub(super) fn syntax_of_expression(&mut self, _expression: &'a Expr<'a, 'a>) {}
    pub(super) fn inline_html(&mut self, _span: Span) {}
    pub(super) fn interpolated(&mut self, _inner: &'a Expr<'a, 'a>, _whole: &'a Expr<'a, 'a>) {}
    pub(super) fn signature_of_call(
        &mut self,
        _name: &'a str,
        _args: &'a [Arg<'a, 'a>],
        _whole: &'a Expr<'a, 'a>,
        _at: u32,
        _meeting: Meeting<'a>,
    ) {
    }
    pub(super) fn callable_text(&mut self, _text: &'a str, _at: u32) {}
    pub(super) fn callable_pair(&mut self, _class: &'a Expr<'a, 'a>, _method: &'a str, _at: u32) {}
    pub(super) fn method_called(&mut self, _call: &'a MethodCallExpr<'a, 'a>, _name: &'a str) {}
    pub(super) fn constructed(&mut self, _class: &'a str, _args: &'a [Arg<'a, 'a>]) {}
}
