//! The walk over expressions.

use php_ast::{
    Arg, ArrayElement, ArrowFunctionExpr, AssignExpr, AssignOp, BinaryExpr, BinaryOp, CallableCreateKind, ClosureExpr,
    Expr, ExprKind, MatchExpr, StringPart, TernaryExpr,
};

use super::behaviour::{steps_after, steps_before};
use super::condition::Condition;
use super::examine::{Examiner, Frame, Function};
use super::literal;
use super::types::{Scope, Type};
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
            ExprKind::UnaryPrefix(unary) => {
                if steps_before(unary.op) {
                    self.step(unary.operand);
                } else {
                    self.expr(literal::unsigned(unary.operand));
                }
            }
            ExprKind::UnaryPostfix(unary) => {
                if steps_after(unary.op) {
                    self.step(unary.operand);
                } else {
                    self.expr(unary.operand);
                }
            }
            ExprKind::Ternary(ternary) => self.ternary(ternary),
            ExprKind::NullCoalesce(coalesce) => {
                self.quietly(|examiner| examiner.expr(coalesce.left));
                self.expr(coalesce.right);
            }
            ExprKind::Array(elements) => self.elements(elements),
            ExprKind::ErrorSuppress(inner) => {
                self.pass_on(expression, inner);
                self.expr(inner);
            }
            ExprKind::Parenthesized(inner)
            | ExprKind::Eval(inner)
            | ExprKind::Clone(inner)
            | ExprKind::Throw(inner) => self.expr(inner),
            ExprKind::Print(inner) => {
                self.shown_as_text(inner);
                self.expr(inner);
            }
            ExprKind::Cast(kind, inner) => {
                self.cast_does(*kind, inner, expression.span.start);
                self.expr(inner);
            }
            ExprKind::Empty(inner) => self.quietly(|examiner| examiner.expr(inner)),
            ExprKind::VariableVariable(inner) => {
                self.expr(inner);
                self.scope().forget_values();
            }
            ExprKind::CloneWith(inner, with) => {
                self.expr(inner);
                self.expr(with);
            }
            ExprKind::Isset(asked) => {
                self.quietly(|examiner| asked.iter().for_each(|asked| examiner.expr(asked)));
            }
            ExprKind::Include(_, path) => {
                self.include(path);
                self.expr(path);
                self.scope().forget_values();
            }
            ExprKind::Exit(value) => value.iter().for_each(|value| self.expr(value)),
            ExprKind::Binary(_)
            | ExprKind::FunctionCall(_)
            | ExprKind::ArrayAccess(_)
            | ExprKind::PropertyAccess(_)
            | ExprKind::NullsafePropertyAccess(_)
            | ExprKind::MethodCall(_)
            | ExprKind::NullsafeMethodCall(_) => self.leaning(expression),
            _ => self.of_classes(expression),
        }
    }

    /// Expressions about classes and functions, and those of few kinds.
    fn of_classes(&mut self, expression: &'a Expr<'a, 'a>) {
        match &expression.kind {
            ExprKind::New(new) => self.creation(new, expression),
            ExprKind::StaticPropertyAccess(access) => self.static_property(access, expression.span.start),
            ExprKind::StaticMethodCall(call) => self.static_call(call, expression),
            ExprKind::StaticMethodCallDynamic(call) => {
                self.class_named(call.class);
                self.expr(call.method);
                self.arguments(&call.args);
            }
            ExprKind::ClassConstAccess(access) => self.class_constant(access),
            ExprKind::ClassConstAccessDynamic { class, member }
            | ExprKind::StaticPropertyAccessDynamic { class, member } => {
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
                CallableCreateKind::Method { object, method }
                | CallableCreateKind::NullsafeMethod { object, method } => {
                    self.expr(object);
                    self.method_named(object, method, expression.span.start);
                }
                CallableCreateKind::StaticMethod { class, method } => {
                    self.static_method_named(class, method);
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// What may lean to the left for thousands of links.
    fn leaning(&mut self, expression: &'a Expr<'a, 'a>) {
        let (asked, compared) = (self.asked_objects.len(), self.compared_with_false);
        self.asked_beside(expression);
        self.leaning_itself(expression);
        self.asked_objects.truncate(asked);
        self.compared_with_false = compared;
    }

    /// What a comparison or a condition tells about what is in it.
    fn asked_beside(&mut self, expression: &'a Expr<'a, 'a>) {
        let ExprKind::Binary(binary) = &expression.kind else { return };
        match binary.op {
            BinaryOp::BooleanOr | BinaryOp::LogicalOr => {
                for side in [binary.left, binary.right] {
                    self.objects_asked(side, 8);
                }
            }
            BinaryOp::Identical | BinaryOp::NotIdentical | BinaryOp::Equal | BinaryOp::NotEqual => {
                let is_false = |side: &Expr<'_, '_>| matches!(side.kind, ExprKind::Bool(false));
                if is_false(binary.right) {
                    self.compared_with_false = Some(literal::bare(binary.left));
                } else if is_false(binary.left) {
                    self.compared_with_false = Some(literal::bare(binary.right));
                }
            }
            _ => {}
        }
    }

    /// The variables that a condition asks whether they are objects.
    fn objects_asked(&mut self, condition: &'a Expr<'a, 'a>, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match &condition.kind {
            ExprKind::Parenthesized(inner) => self.objects_asked(inner, depth),
            ExprKind::Binary(binary) if binary.op == BinaryOp::Instanceof => {
                if let ExprKind::Variable(name) = &binary.left.kind {
                    self.asked_objects.push(name.as_str());
                }
            }
            ExprKind::Binary(binary) if matches!(binary.op, BinaryOp::BooleanOr | BinaryOp::LogicalOr) => {
                self.objects_asked(binary.left, depth);
                self.objects_asked(binary.right, depth);
            }
            ExprKind::FunctionCall(call) => {
                if self.global_function(call).is_some_and(|name| name.eq_ignore_ascii_case("is_object"))
                    && let Some(ExprKind::Variable(name)) =
                        call.args.first().and_then(Arg::value).map(|value| &value.kind)
                {
                    self.asked_objects.push(name.as_str());
                }
            }
            _ => {}
        }
    }

    fn leaning_itself(&mut self, expression: &'a Expr<'a, 'a>) {
        let Some(left) = left_of(expression) else {
            self.link(expression);
            return;
        };
        if self.depth < DEEP {
            self.depth += 1;
            self.expr(left);
            self.depth -= 1;
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
            ExprKind::Binary(binary) => {
                self.operator_does(binary, expression.span.start);
                self.error_level_asked(binary, expression.span.start);
                if matches!(
                    binary.op,
                    BinaryOp::Equal | BinaryOp::Identical | BinaryOp::NotEqual | BinaryOp::NotIdentical
                ) {
                    self.type_name_compared(binary.left, binary.right, expression.span.start);
                }
                self.binary(binary);
            }
            ExprKind::ArrayAccess(access) => {
                self.offset_read(access, expression.span.start);
                if let Some(index) = access.index {
                    self.plainly(|examiner| examiner.index(index));
                }
            }
            ExprKind::PropertyAccess(access) | ExprKind::NullsafePropertyAccess(access) => {
                self.property(access);
                self.expr(access.property);
            }
            ExprKind::MethodCall(call) | ExprKind::NullsafeMethodCall(call) => {
                self.method_named(call.object, call.method, call.method.span.start);
                self.method_call(call, expression);
                self.arguments(&call.args);
                self.may_be_written(None, &call.args);
            }
            ExprKind::FunctionCall(call) => self.function_call(call, expression),
            _ => {}
        }
    }

    fn binary(&mut self, binary: &'a BinaryExpr<'a, 'a>) {
        match binary.op {
            BinaryOp::BooleanAnd | BinaryOp::LogicalAnd => {
                let left = self.condition(binary.left);
                self.forget_tested(binary.left);
                self.under(left.yes, &left.with, |examiner| examiner.expr(binary.right));
            }
            BinaryOp::BooleanOr | BinaryOp::LogicalOr => {
                let left = self.condition(binary.left);
                self.forget_tested(binary.left);
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
        self.forget_tested(ternary.condition);
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
        self.assignment_does(assign);
        self.target(assign.target);
        if assign.op == AssignOp::Coalesce {
            self.expr(assign.value);
        } else {
            self.plainly(|examiner| examiner.expr(assign.value));
        }
        if assign.by_ref
            && let ExprKind::Variable(name) = &assign.value.kind
        {
            self.scope().forget(name);
        }
        if let ExprKind::Variable(name) = &assign.target.kind {
            let plain = assign.op == AssignOp::Assign;
            if plain && !assign.by_ref {
                let condition = self.condition(assign.value);
                self.scope().set_condition(name.as_str(), condition);
            }
            let known = if plain && !assign.by_ref { self.type_of(assign.value) } else { None };
            if plain || assign.op != AssignOp::Coalesce {
                self.scope().set(name.as_str(), known);
            }
            self.parameter_written(name);
        }
    }

    /// What is assigned: its own value is not read.
    pub(super) fn target(&mut self, target: &'a Expr<'a, 'a>) {
        match &target.kind {
            ExprKind::Variable(name) => {
                if name.as_str() != "GLOBALS" {
                    self.variable_written(name.as_str(), target.span);
                }
            }
            ExprKind::Array(elements) => {
                for element in elements.iter() {
                    element.key.iter().for_each(|key| self.expr(key));
                    let inner = element.value();
                    self.target(inner);
                    if let ExprKind::Variable(name) = &inner.kind {
                        self.scope().set(name, None);
                        self.parameter_written(name);
                    }
                }
            }
            _ => {
                let before = std::mem::replace(&mut self.written, true);
                self.expr(target);
                self.written = before;
                let mut base = target;
                while let ExprKind::ArrayAccess(access) = &base.kind {
                    base = access.array;
                }
                if let ExprKind::Variable(name) = &base.kind
                    && self.variable_type(name) != Some(Type::Array)
                {
                    self.scope().forget(name);
                }
            }
        }
    }

    fn parameter_written(&mut self, name: &str) {
        let is_it = |parameter: &php_ast::Param<'_, '_>| {
            parameter.name.as_str().is_some_and(|own| own.trim_start_matches('$') == name)
        };
        if let Some(place) = self.function.parameters.iter().position(is_it) {
            self.function.wrote_parameters |= 1_u64.checked_shl(u32::try_from(place).unwrap_or(u32::MAX)).unwrap_or(0);
        }
    }

    /// `$x++` and its like.
    fn step(&mut self, operand: &'a Expr<'a, 'a>) {
        self.stepped(operand);
        self.expr(operand);
        if let ExprKind::Variable(name) = &operand.kind {
            self.scope().set(name, None);
            self.parameter_written(name);
        }
    }

    /// Walks what may be missing.
    fn quietly(&mut self, walk: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.quiet, true);
        walk(self);
        self.quiet = before;
    }

    /// Walks what is read, whatever is around it.
    fn plainly(&mut self, walk: impl FnOnce(&mut Self)) {
        let before = (std::mem::replace(&mut self.quiet, false), std::mem::replace(&mut self.written, false));
        walk(self);
        (self.quiet, self.written) = before;
    }

    fn elements(&mut self, elements: &'a [ArrayElement<'a, 'a>]) {
        self.array_does(elements);
        for element in elements {
            element.key.iter().for_each(|key| self.expr(key));
            self.expr(element.value());
        }
    }

    fn parts(&mut self, parts: &'a [StringPart<'a, 'a>], whole: &'a Expr<'a, 'a>) {
        for part in parts {
            if let StringPart::Expr(inner) = part {
                self.interpolated(inner, whole);
                self.shown_as_text(inner);
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
        for used in closure.use_vars.iter().filter(|used| used.by_ref) {
            if let Some(name) = used.name.as_str() {
                self.scope().forget(name.trim_start_matches('$'));
            }
        }
        let outer = self.function;
        self.function = Function { is_closure: true, parameters: &closure.params, ..outer };
        self.function_body(&closure.params, None, false, |examiner| {
            for (name, known) in used {
                examiner.scope().set(name, Some(known));
            }
            closure.use_vars.iter().filter_map(|used| used.name.as_str()).for_each(|name| {
                examiner.scope().write(name.trim_start_matches('$'));
            });
            examiner.statements(&closure.body.stmts);
        });
        self.function = outer;
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
