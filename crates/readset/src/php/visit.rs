//! Walks a PHP tree with what stands around each expression.

use std::ops::{ControlFlow, Range};

use php_ast::resolve::NameResolver;
use php_ast::visitor::{Visitor, walk_arg, walk_attribute, walk_class_member, walk_expr, walk_stmt};
use php_ast::{
    ArrayAccessExpr, AssignExpr, AssignOp, Attribute, ClassMember, Expr, ExprKind, IfStmt, NamespaceBody, Span, Stmt,
    StmtKind, UnaryPrefixOp,
};

use super::context::{self, Context};
use super::{literal, server, symfony};
use crate::findings::{Asked, Care, Findings, Found, Set};
use crate::read::{Fallback, Key};

type Flow = ControlFlow<()>;
const ON: Flow = ControlFlow::Continue(());

/// Collects the finds of one file.
pub(super) struct Finder<'s> {
    pub(super) source: &'s str,
    pub(super) names: NameResolver,
    pub(super) findings: Findings,
    /// Functions around, innermost last; none for the file itself.
    scopes: Vec<Range<usize>>,
    /// Contexts of expressions that are to be visited soon, by their spans.
    expected: Vec<(Span, Context)>,
}

impl<'s> Finder<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self {
            source,
            names: NameResolver::new(),
            findings: Findings::default(),
            scopes: Vec::new(),
            expected: Vec::new(),
        }
    }

    /// Says what stands around an expression that is visited next.
    pub(super) fn expect(&mut self, expression: &Expr<'_, '_>, context: Context) {
        if context != Context::Plain {
            self.expected.push((expression.span, context));
        }
    }

    fn context(&mut self, expression: &Expr<'_, '_>) -> Context {
        let place = self.expected.iter().rposition(|(span, _)| *span == expression.span);
        place.map_or(Context::Plain, |place| self.expected.swap_remove(place).1)
    }

    fn scope(&self) -> Range<usize> {
        self.scopes.last().cloned().unwrap_or(0..usize::MAX)
    }

    fn within(&mut self, span: Span, walk: impl FnOnce(&mut Self) -> Flow) -> Flow {
        self.scopes.push(span.start as usize..span.end as usize);
        let flow = walk(self);
        self.scopes.pop();
        flow
    }

    pub(super) fn found(&self, key: Key, at: Span, how: &'static str) -> Found {
        Found::new(key, at.start as usize, how, self.scope())
    }

    pub(super) fn read(&mut self, found: Found, context: &Context) {
        let mut found = found.with(context.care());
        if let Context::Bound(name) = context {
            found.bound = Some(name.clone());
        }
        self.findings.reads.push(found);
    }

    pub(super) fn set(&mut self, key: &str, at: Span) {
        self.findings.sets.push(Set { key: key.to_owned(), at: at.start as usize, scope: self.scope() });
    }

    /// `$_ENV[...]` or `$_SERVER[...]`: how, and the key. `None` inside for what is none of the environment's.
    fn superglobal(access: &ArrayAccessExpr<'_, '_>) -> Option<(&'static str, Option<Key>)> {
        let ExprKind::Variable(name) = &access.array.kind else { return None };
        let how = match name.as_str() {
            "_ENV" => "$_ENV",
            "_SERVER" => "$_SERVER",
            _ => return None,
        };
        let key = access.index.map_or(Key::Computed, literal::key);
        let keep = match &key {
            Key::Named(name) => how == "$_ENV" || !server::is_of_the_request(name),
            Key::Pattern { prefix } => how == "$_ENV" || !server::is_of_the_request(prefix),
            // Mostly headers.
            Key::Computed => how == "$_ENV",
        };
        Some((how, keep.then_some(key)))
    }

    fn assign(&mut self, expression: &Expr<'_, '_>, assign: &AssignExpr<'_, '_>, outer: Context) -> Flow {
        self.expect(assign.value, context::of_assigned(assign.op, assign.target, outer));
        if let ExprKind::ArrayAccess(access) = &assign.target.kind
            && let Some((how, key)) = Self::superglobal(access)
        {
            if let Some(key) = key {
                if let Key::Named(name) = &key {
                    self.set(name, expression.span);
                }
                if assign.op == AssignOp::Coalesce {
                    let found = self.found(key, assign.target.span, how);
                    self.read(found, &context::of_default(assign.value));
                }
            }
            return self.visit_expr(assign.value);
        }
        if assign.op == AssignOp::Coalesce {
            self.expect(assign.target, context::of_default(assign.value));
        } else if matches!(assign.target.kind, ExprKind::Variable(_)) {
            return self.visit_expr(assign.value);
        }
        self.visit_expr(assign.target)?;
        self.visit_expr(assign.value)
    }

    /// Walks a chain that leans to the left without recursion: generated code has chains of thousands.
    fn chain(&mut self, expression: &Expr<'_, '_>, outer: Context) -> Flow {
        let mut node = expression;
        let mut context = outer;
        let mut later = Vec::new();
        loop {
            match &node.kind {
                ExprKind::Binary(binary) => {
                    let (left, right) = context::of_sides(binary.op, binary.left, binary.right, context);
                    later.push((binary.right, right));
                    (node, context) = (binary.left, left);
                }
                ExprKind::ArrayAccess(access) if Self::superglobal(access).is_none() => {
                    later.extend(access.index.map(|index| (index, Context::Plain)));
                    // `isset($_ENV['A']['b'])` asks for both.
                    node = access.array;
                }
                ExprKind::PropertyAccess(access) | ExprKind::NullsafePropertyAccess(access) => {
                    later.push((access.property, Context::Plain));
                    (node, context) = (access.object, Context::Plain);
                }
                ExprKind::MethodCall(call) | ExprKind::NullsafeMethodCall(call) => {
                    self.method_call(call);
                    later.extend(call.args.iter().filter_map(|arg| arg.value()).map(|value| (value, Context::Plain)));
                    later.push((call.method, Context::Plain));
                    (node, context) = (call.object, Context::Plain);
                }
                ExprKind::FunctionCall(call) if !matches!(call.name.kind, ExprKind::Name(_)) => {
                    later.extend(call.args.iter().filter_map(|arg| arg.value()).map(|value| (value, Context::Plain)));
                    (node, context) = (call.name, Context::Plain);
                }
                _ => break,
            }
        }
        self.expect(node, context);
        self.visit_expr(node)?;
        for (node, context) in later.into_iter().rev() {
            self.expect(node, context);
            self.visit_expr(node)?;
        }
        ON
    }

    fn if_statement(&mut self, statement: &IfStmt<'_, '_>) {
        let otherwise = statement.else_branch.is_some_and(context::ends);
        let condition = Context::Condition {
            true_ends: context::ends(statement.then_branch),
            false_ends: otherwise && statement.elseif_branches.is_empty(),
        };
        self.expect(&statement.condition, condition);
        for branch in statement.elseif_branches.iter() {
            let condition = Context::Condition { true_ends: context::ends(&branch.body), false_ends: false };
            self.expect(&branch.condition, condition);
        }
    }

    fn placeholders(&mut self, span: Span) {
        let source = self.source.get(span.start as usize..span.end as usize).unwrap_or_default();
        for placeholder in symfony::placeholders(source) {
            let mut found = self.found(Key::Named(placeholder.name.to_owned()), span, "%env()%");
            found.at += placeholder.at;
            found.fallback = placeholder.fallback;
            found.required = placeholder.fallback == Fallback::None;
            self.findings.reads.push(found);
        }
    }

    fn variable(&mut self, name: &str, span: Span, context: &Context) {
        if name == "_ENV" {
            let found = self.found(Key::Computed, span, "$_ENV");
            self.findings.reads.push(found);
            return;
        }
        let care = context.care();
        if care != Care::Nothing {
            let asked = Asked { name: name.to_owned(), at: span.start as usize, scope: self.scope(), care };
            self.findings.asked.push(asked);
        }
    }
}

impl<'a, 's> Visitor<'a, 's> for Finder<'_> {
    type Break = ();

    fn visit_expr(&mut self, expression: &Expr<'a, 's>) -> Flow {
        let context = self.context(expression);
        match &expression.kind {
            ExprKind::Parenthesized(inner) | ExprKind::ErrorSuppress(inner) | ExprKind::Cast(_, inner) => {
                self.expect(inner, context);
            }
            ExprKind::NullCoalesce(coalesce) => {
                self.expect(coalesce.left, context::of_default(coalesce.right));
                self.expect(coalesce.right, context);
            }
            ExprKind::Ternary(ternary) => match ternary.then_expr {
                None => {
                    self.expect(ternary.condition, context::of_default(ternary.else_expr));
                    self.expect(ternary.else_expr, context);
                }
                Some(then) => {
                    let condition = Context::Condition {
                        true_ends: context::ends_value(then),
                        false_ends: context::ends_value(ternary.else_expr),
                    };
                    self.expect(ternary.condition, condition);
                    self.expect(then, context.clone());
                    self.expect(ternary.else_expr, context);
                }
            },
            ExprKind::UnaryPrefix(unary) if unary.op == UnaryPrefixOp::BooleanNot => {
                self.expect(unary.operand, context.negated());
            }
            ExprKind::Isset(asked) => asked.iter().for_each(|asked| self.expect(asked, context.clone().condition())),
            ExprKind::Empty(asked) => self.expect(asked, context.negated()),
            ExprKind::Match(matched) => self.expect(matched.subject, Context::Compared),
            ExprKind::Assign(assign) => return self.assign(expression, assign, context),
            ExprKind::ArrayAccess(access) => {
                let Some((how, key)) = Self::superglobal(access) else { return self.chain(expression, context) };
                if let Some(key) = key {
                    let found = self.found(key, expression.span, how);
                    self.read(found, &context);
                }
                return access.index.map_or(ON, |index| self.visit_expr(index));
            }
            ExprKind::FunctionCall(call) if matches!(call.name.kind, ExprKind::Name(_)) => {
                return self.function_call(expression, call, context);
            }
            ExprKind::StaticMethodCall(call) => self.static_call(expression, call, &context),
            ExprKind::Binary(_)
            | ExprKind::PropertyAccess(_)
            | ExprKind::NullsafePropertyAccess(_)
            | ExprKind::MethodCall(_)
            | ExprKind::NullsafeMethodCall(_)
            | ExprKind::FunctionCall(_) => return self.chain(expression, context),
            ExprKind::Closure(_) | ExprKind::ArrowFunction(_) => {
                return self.within(expression.span, |finder| walk_expr(finder, expression));
            }
            ExprKind::String(_)
            | ExprKind::Nowdoc { .. }
            | ExprKind::InterpolatedString(_)
            | ExprKind::Heredoc { .. } => self.placeholders(expression.span),
            ExprKind::Variable(name) => self.variable(name.as_str(), expression.span, &context),
            _ => {}
        }
        walk_expr(self, expression)
    }

    fn visit_stmt(&mut self, statement: &Stmt<'a, 's>) -> Flow {
        self.names.observe_stmt(statement);
        match &statement.kind {
            StmtKind::If(branches) => self.if_statement(branches),
            StmtKind::While(again) => self.expect(&again.condition, context::CONDITION),
            StmtKind::DoWhile(again) => self.expect(&again.condition, context::CONDITION),
            StmtKind::Switch(switch) => self.expect(&switch.expr, Context::Compared),
            // What is removed is not read.
            StmtKind::Unset(_) => return ON,
            StmtKind::Function(function) => {
                let before = self.findings.reads.len();
                let flow = self.within(statement.span, |finder| walk_stmt(finder, statement));
                let named_env = function.name.as_str().is_some_and(|name| name.eq_ignore_ascii_case("env"));
                if named_env && self.names.namespace().is_none() && self.findings.reads.len() == before {
                    self.findings.own_env_function = true;
                }
                return flow;
            }
            StmtKind::Namespace(namespace) => {
                let flow = walk_stmt(self, statement);
                if matches!(namespace.body, NamespaceBody::Braced(_)) {
                    self.names.enter_namespace(None);
                }
                return flow;
            }
            _ => {}
        }
        walk_stmt(self, statement)
    }

    fn visit_class_member(&mut self, member: &ClassMember<'a, 's>) -> Flow {
        self.within(member.span, |finder| walk_class_member(finder, member))
    }

    fn visit_attribute(&mut self, attribute: &Attribute<'a, 's>) -> Flow {
        self.autowire(attribute);
        walk_attribute(self, attribute)
    }

    fn visit_arg(&mut self, arg: &php_ast::Arg<'a, 's>) -> Flow {
        walk_arg(self, arg)
    }
}
