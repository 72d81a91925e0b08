//! The walk over expressions.

use php_ast::{
    Arg, ArrayElement, ArrowFunctionExpr, AssignExpr, AssignOp, BinaryExpr, BinaryOp, CallableCreateKind, ClosureExpr, Expr,
    ExprKind, MatchExpr, StringPart, TernaryExpr,
};

use super::condition::Condition;
use super::examine::{Examiner, Frame};
use super::literal;
use super::types::Scope;
use crate::version::Versions;

/// From this depth on, what leans to the left is walked without recursion: generated code has chains of thousands.
const DEEP: u32 = 128;

impl<'a> Examiner<'a> {
    /// One expression with all that is in it.
    pub(super) fn expr(&mut self, expression: &'a Expr<'a, 'a>) {
        self.syntax_of_expression(expression);
        match &expression.kind {
            ExprKind::InterpolatedString(parts) | ExprKind::Heredoc { parts, .. } | ExprKind::ShellExec(parts) => {
                self.parts(parts, expression);
            }
            ExprKind::Variable(name) => self.variable(name.as_str(), expression.span),
            ExprKind::Name(name) => self.constant(name),
            ExprKind::Assign(assign) => self.assign(assign),
            ExprKind::UnaryPrefix(unary) => self.expr(unary.operand),
            ExprKind::UnaryPostfix(unary) => self.expr(unary.operand),
            ExprKind::Ternary(ternary) => self.ternary(ternary),
            ExprKind::NullCoalesce(coalesce) => {
                self.expr(coalesce.left);
                self.expr(coalesce.right);
            }
            ExprKind::Array(elements) => self.elements(elements),
            ExprKind::ErrorSuppress(inner) => {
                self.pass_on(expression, inner);
                self.expr(inner);
            }
            ExprKind::Parenthesized(inner) => self.expr(inner),
            ExprKind::VariableVariable(inner)
            | ExprKind::Print(inner)
            | ExprKind::Cast(_, inner)
            | ExprKind::Empty(inner)
            | ExprKind::Eval(inner)
            | ExprKind::Clone(inner)
            | ExprKind::Throw(inner) => self.expr(inner),
            ExprKind::CloneWith(inner, with) => {
                self.expr(inner);
                self.expr(with);
            }
            ExprKind::Isset(asked) => asked.iter().for_each(|asked| self.expr(asked)),
            ExprKind::Include(_, path) => {
                self.include(path);
                self.expr(path);
            }
            ExprKind::Exit(value) => value.iter().for_each(|value| self.expr(value)),
            ExprKind::New(new) => self.creation(new, expression),
            ExprKind::StaticPropertyAccess(access) => self.static_property(access, expression.span.start),
            ExprKind::StaticMethodCall(call) => self.static_call(call, expression),
            ExprKind::StaticMethodCallDynamic(call) => {
                self.class_named(call.class);
                self.expr(call.method);
                self.arguments(&call.args);
            }
            ExprKind::ClassConstAccess(access) => self.class_constant(access),
            ExprKind::ClassConstAccessDynamic { class, member } | ExprKind::StaticPropertyAccessDynamic { class, member } => {
                self.class_named(class);
                self.expr(member);
            }
            ExprKind::Closure(closure) => self.closure(closure),
            ExprKind::ArrowFunction(function) => self.arrow(function),
            ExprKind::Match(matched) => self.match_(matched),
            ExprKind::Yield(yielded) => {
                yielded.key.iter().for_each(|key| self.expr(key));
                yielded.value.iter().for_each(|value| self.expr(value));
            }
            ExprKind::AnonymousClass(class) => self.class_declaration(class, expression.span),
            ExprKind::CallableCreate(create) => match &create.kind {
                CallableCreateKind::Function(function) => self.callable_created(function),
                CallableCreateKind::Method { object, method } | CallableCreateKind::NullsafeMethod { object, method } => {
                    self.expr(object);
                    self.method_named(object, method, expression.span.start);
                }
                CallableCreateKind::StaticMethod { class, method } => {
                    self.static_method_named(class, method);
                }
                _ => {}
            },
            ExprKind::Binary(_)
            | ExprKind::FunctionCall(_)
            | ExprKind::ArrayAccess(_)
            | ExprKind::PropertyAccess(_)
            | ExprKind::NullsafePropertyAccess(_)
            | ExprKind::MethodCall(_)
            | ExprKind::NullsafeMethodCall(_) => self.leaning(expression),
            _ => {}
        }
    }

    /// What may lean to the left for thousands of links.
    fn leaning(&mut self, expression: &'a Expr<'a, 'a>) {
        if self.depth < DEEP {
            if let Some(left) = left_of(expression) {
                self.depth += 1;
                self.expr(left);
                self.depth -= 1;
            }
            self.link(expression);
            return;
        }
        let mut links = vec![expression];
        let mut node = expression;
        while let Some(left) = left_of(node) {
            node = left;
            if left_of(left).is_some() {
                self.syntax_of_expression(left);
                links.push(left);
            }
        }
        self.expr(node);
        links.into_iter().rev().for_each(|link| self.link(link));
    }

    /// One link of such a chain, without what is on its left.
    fn link(&mut self, expression: &'a Expr<'a, 'a>) {
        match &expression.kind {
            ExprKind::Binary(binary) => self.binary(binary),
            ExprKind::ArrayAccess(access) => access.index.iter().for_each(|index| self.expr(index)),
            ExprKind::PropertyAccess(access) | ExprKind::NullsafePropertyAccess(access) => {
                self.property(access);
                self.expr(access.property);
            }
            ExprKind::MethodCall(call) | ExprKind::NullsafeMethodCall(call) => {
                self.method_named(call.object, call.method, call.method.span.start);
                self.method_call(call, expression);
                self.arguments(&call.args);
            }
            ExprKind::FunctionCall(call) => self.function_call(call, expression),
            _ => {}
        }
    }

    fn binary(&mut self, binary: &'a BinaryExpr<'a, 'a>) {
        match binary.op {
            BinaryOp::BooleanAnd | BinaryOp::LogicalAnd => {
                let left = self.condition(binary.left);
                self.under(left.yes, &left.with, |examiner| examiner.expr(binary.right));
            }
            BinaryOp::BooleanOr | BinaryOp::LogicalOr => {
                let left = self.condition(binary.left);
                self.under(left.no, &left.without, |examiner| examiner.expr(binary.right));
            }
            BinaryOp::Instanceof => match &binary.right.kind {
                ExprKind::Name(name) => self.class_softly(name),
                _ => self.expr(binary.right),
            },
            _ => self.expr(binary.right),
        }
    }

    fn ternary(&mut self, ternary: &'a TernaryExpr<'a, 'a>) {
        self.expr(ternary.condition);
        let condition = self.condition(ternary.condition);
        if let Some(then) = ternary.then_expr {
            self.under(condition.yes, &condition.with, |examiner| examiner.expr(then));
        }
        self.under(condition.no, &condition.without, |examiner| examiner.expr(ternary.else_expr));
    }

    fn match_(&mut self, matched: &'a MatchExpr<'a, 'a>) {
        self.expr(matched.subject);
        let on_truth = matches!(&literal::bare(matched.subject).kind, ExprKind::Bool(true));
        let on_lie = matches!(&literal::bare(matched.subject).kind, ExprKind::Bool(false));
        let mut rest = self.live;
        let others = |arm: &&php_ast::MatchArm<'a, 'a>| arm.conditions.is_none();
        for arm in matched.arms.iter().filter(|arm| !others(arm)) {
            let mut any = Condition::on(Versions::NONE);
            for value in arm.conditions.iter().flat_map(|conditions| conditions.iter()) {
                self.under(rest, &[], |examiner| examiner.expr(value));
                let condition = if on_truth {
                    self.condition(value)
                } else if on_lie {
                    self.condition(value).negated()
                } else {
                    self.equality(matched.subject, value)
                };
                any = any.or(condition);
            }
            self.under(rest.and(any.yes), &any.with, |examiner| examiner.expr(&arm.body));
            rest = rest.and(any.no);
        }
        for arm in matched.arms.iter().filter(others) {
            self.under(rest, &[], |examiner| examiner.expr(&arm.body));
        }
    }

    fn assign(&mut self, assign: &'a AssignExpr<'a, 'a>) {
        if !matches!(assign.target.kind, ExprKind::Variable(_)) {
            self.expr(assign.target);
        } else if let ExprKind::Variable(name) = &assign.target.kind {
            self.variable(name.as_str(), assign.target.span);
        }
        self.expr(assign.value);
        if let ExprKind::Variable(name) = &assign.target.kind {
            let plain = assign.op == AssignOp::Assign;
            if plain && !assign.by_ref {
                let condition = self.condition(assign.value);
                self.scope().set_condition(name.as_str(), condition);
            }
            let known = if plain { self.type_of(assign.value) } else { None };
            if plain || assign.op != AssignOp::Coalesce {
                self.scope().set(name.as_str(), known);
            }
        }
    }

    fn elements(&mut self, elements: &'a [ArrayElement<'a, 'a>]) {
        for element in elements {
            element.key.iter().for_each(|key| self.expr(key));
            self.expr(element.value());
        }
    }

    fn parts(&mut self, parts: &'a [StringPart<'a, 'a>], whole: &'a Expr<'a, 'a>) {
        for part in parts {
            if let StringPart::Expr(inner) = part {
                self.interpolated(inner, whole);
                self.expr(inner);
            }
        }
    }

    /// The arguments of a call.
    pub(super) fn arguments(&mut self, arguments: &'a [Arg<'a, 'a>]) {
        arguments.iter().filter_map(Arg::value).for_each(|value| self.expr(value));
    }

    fn closure(&mut self, closure: &'a ClosureExpr<'a, 'a>) {
        self.attributes(&closure.attributes);
        closure.return_type.iter().for_each(|hint| self.type_hint(hint));
        let used: Vec<_> = closure
            .use_vars
            .iter()
            .filter_map(|used| used.name.as_str())
            .map(|name| name.trim_start_matches('$'))
            .filter_map(|name| Some((name, self.variable_type(name)?)))
            .collect();
        self.function_body(&closure.params, None, false, |examiner| {
            for (name, known) in used {
                examiner.scope().set(name, Some(known));
            }
            examiner.statements(&closure.body.stmts);
        });
    }

    fn arrow(&mut self, function: &'a ArrowFunctionExpr<'a, 'a>) {
        self.attributes(&function.attributes);
        function.return_type.iter().for_each(|hint| self.type_hint(hint));
        self.function_body(&function.params, None, true, |examiner| examiner.expr(function.body));
    }

    /// Whoever uses no value of the outer expression uses none of the inner one.
    fn pass_on(&mut self, outer: &'a Expr<'a, 'a>, inner: &'a Expr<'a, 'a>) {
        if self.discarded.is_some_and(|discarded| std::ptr::eq(discarded, outer)) {
            self.discarded = Some(inner);
        }
    }

    /// Whether nobody uses the value of an expression.
    pub(super) fn is_discarded(&self, expression: &'a Expr<'a, 'a>) -> bool {
        self.discarded.is_some_and(|discarded| std::ptr::eq(discarded, expression))
    }

    /// Runs a walk in a fresh scope, as that of a class's member.
    pub(super) fn apart(&mut self, walk: impl FnOnce(&mut Self)) {
        self.scopes.push(Frame { known: Scope::default(), sees_outer: false });
        walk(self);
        self.scopes.pop();
    }
}

/// What stands on the left of a link.
fn left_of<'a>(expression: &'a Expr<'a, 'a>) -> Option<&'a Expr<'a, 'a>> {
    match &expression.kind {
        ExprKind::Binary(binary) => Some(binary.left),
        ExprKind::ArrayAccess(access) => Some(access.array),
        ExprKind::PropertyAccess(access) | ExprKind::NullsafePropertyAccess(access) => Some(access.object),
        ExprKind::MethodCall(call) | ExprKind::NullsafeMethodCall(call) => Some(call.object),
        ExprKind::FunctionCall(call) if !matches!(call.name.kind, ExprKind::Name(_)) => Some(call.name),
        _ => None,
    }
}
