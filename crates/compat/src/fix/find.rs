//! Finds what can be mended in a tree, whether a scan named it or not.

use std::ops::ControlFlow;

use php_ast::resolve::{NameContext, NameResolver, ResolvedName};
use php_ast::visitor::{Visitor, walk_expr, walk_stmt};
use php_ast::{Expr, ExprKind, FunctionCallExpr, Param, Stmt, StmtKind};
use php_rs_parser::bumpalo::Bump;

use super::edit::{Edit, Fix};
use crate::php::{self, literal};
use crate::version::Version;

/// The rules for which there is something to mend.
const RULES: &[&str] = &[
    "call implode",
    "call join",
    "function create_function",
    "function each",
    "function split",
    "function spliti",
    "syntax curly-offset",
    "syntax dollar-brace-interpolation",
    "syntax implicit-nullable",
    "syntax new-by-reference",
    "syntax non-canonical-cast",
    "syntax nullable-optional-before-required",
    "syntax optional-before-required",
    "syntax real-cast",
    "syntax unset-cast",
];

/// Whether a rule is one of them.
pub(super) fn is_mendable(rule: &str) -> bool {
    RULES.contains(&rule)
}

/// All that could be mended in a text.
pub(super) fn edits(arena: &Bump, text: &str, target: Version, source: Option<Version>) -> Vec<Fix> {
    let program = php::tree(arena, text, target, source);
    let mut finder = Finder { text, names: NameResolver::new(), fixes: Vec::new() };
    // The visitor never breaks off.
    let _ = finder.visit_program(program);
    finder.fixes
}

pub(super) struct Finder<'t> {
    pub(super) text: &'t str,
    names: NameResolver,
    pub(super) fixes: Vec<Fix>,
}

impl Finder<'_> {
    pub(super) fn fix(&mut self, rule: &str, at: u32, edits: Vec<Edit>) {
        self.fixes.push(Fix { rule: rule.to_owned(), at, edits });
    }

    pub(super) fn source(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The global function that a call names, in small letters, and where its name begins.
    pub(super) fn function(&self, call: &FunctionCallExpr<'_, '_>) -> Option<(String, u32)> {
        let ExprKind::Name(name) = &call.name.kind else { return None };
        let global = match self.names.resolve_name(name, NameContext::Function) {
            ResolvedName::Fqn(name) if !name.contains('\\') => name,
            ResolvedName::Fallback { global, .. } => global,
            _ => return None,
        };
        Some((global.to_ascii_lowercase(), name.span().start))
    }
}

impl<'a> Visitor<'a, 'a> for Finder<'_> {
    type Break = ();

    fn visit_stmt(&mut self, statement: &Stmt<'a, 'a>) -> ControlFlow<()> {
        self.names.observe_stmt(statement);
        match &statement.kind {
            StmtKind::While(again) => self.each_loop(again, statement.span),
            StmtKind::Function(function) => self.parameters(&function.params),
            _ => {}
        }
        walk_stmt(self, statement)
    }

    fn visit_class_member(&mut self, member: &php_ast::ClassMember<'a, 'a>) -> ControlFlow<()> {
        if let php_ast::ClassMemberKind::Method(method) = &member.kind {
            self.parameters(&method.params);
        }
        php_ast::visitor::walk_class_member(self, member)
    }

    fn visit_expr(&mut self, expression: &Expr<'a, 'a>) -> ControlFlow<()> {
        let expression = literal::unsigned(expression);
        match &expression.kind {
            ExprKind::FunctionCall(call) => self.call(call, expression.span),
            ExprKind::Closure(closure) => self.parameters(&closure.params),
            ExprKind::ArrowFunction(function) => self.parameters(&function.params),
            _ => self.form(expression),
        }
        walk_expr(self, expression)
    }
}

/// Whether a parameter has to be given.
pub(super) fn is_required(parameter: &Param<'_, '_>) -> bool {
    parameter.default.is_none() && !parameter.variadic
}
