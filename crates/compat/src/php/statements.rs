//! The walk over statements: which versions reach them, and what holds between them.

use php_ast::{
    Block, CatchClause, Expr, ExprKind, ForeachStmt, FunctionDecl, IfStmt, NamespaceBody, Param, Stmt, StmtKind,
    SwitchStmt, TryCatchStmt,
};

use super::condition::Condition;
use super::docs;
use super::examine::{Examiner, Frame, Function, Loop};
use super::literal;
use super::types::{Scope, Type, of_hint};
use crate::version::Versions;

impl<'a> Examiner<'a> {
    /// Statements in a row. What holds after one holds to the end of the row.
    pub(super) fn statements(&mut self, statements: &'a [Stmt<'a, 'a>]) {
        let start = self.live;
        for statement in statements {
            if !self.live.is_empty() {
                self.statement(statement);
            } else if declares(statement) {
                self.under_from(start, |examiner| examiner.statement(statement));
            }
        }
    }

    pub(super) fn block(&mut self, block: &'a Block<'a, 'a>) {
        let known = self.assumed.len();
        self.statements(&block.stmts);
        self.assumed.truncate(known);
    }

    /// One statement; afterwards `live` is what reaches the next one.
    pub(super) fn statement(&mut self, statement: &'a Stmt<'a, 'a>) {
        self.syntax_of_statement(statement);
        if let Some(comment) = statement.doc_comment {
            let class = self.class.map(|class| class.name);
            for (name, known) in docs::variables(comment.text, &self.names, class) {
                self.scope().set(name, Some(known));
            }
        }
        match &statement.kind {
            StmtKind::Expression(expression) => self.expression_statement(statement, expression),
            StmtKind::Echo(expressions) => {
                expressions.iter().for_each(|value| self.shown_as_text(value));
                self.expressions(expressions);
            }
            StmtKind::Unset(expressions) => {
                for target in expressions.iter() {
                    self.unset(target);
                }
            }
            StmtKind::Global(expressions) => {
                for variable in expressions.iter() {
                    match &variable.kind {
                        ExprKind::Variable(name) => {
                            if name.as_str() == "this" {
                                self.form("this-rebinding", variable.span.start);
                            }
                            self.global_named(name, variable.span.start);
                            self.scope().set(name, None);
                            self.scope().name(name);
                        }
                        _ => self.expr(variable),
                    }
                }
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.expr(value);
                }
                self.live = Versions::NONE;
            }
            StmtKind::Throw(value) => {
                self.expr(value);
                self.live = Versions::NONE;
            }
            StmtKind::Break(levels) => {
                self.jump_form(*levels, false, statement.span.start);
                self.live = Versions::NONE;
            }
            StmtKind::Continue(levels) => {
                self.jump_form(*levels, true, statement.span.start);
                self.live = Versions::NONE;
            }
            StmtKind::Goto(_) => self.live = Versions::NONE,
            StmtKind::Block(block) => self.block(block),
            StmtKind::If(branches) => self.branches(branches),
            StmtKind::While(again) => {
                self.forget_assigned(&[again.body]);
                self.expr(&again.condition);
                self.forget_tested(&again.condition);
                let condition = self.condition(&again.condition);
                self.repeated(condition, again.body);
            }
            StmtKind::For(again) => {
                self.expressions(&again.init);
                self.forget_assigned(&[again.body]);
                self.expressions(&again.condition);
                self.repeated(Condition::unknown(), again.body);
                self.expressions(&again.update);
            }
            StmtKind::Foreach(again) => self.for_each(again),
            StmtKind::DoWhile(again) => {
                self.forget_assigned(&[again.body]);
                self.repeated(Condition::unknown(), again.body);
                self.expr(&again.condition);
            }
            StmtKind::Switch(switch) => self.switch(switch),
            StmtKind::TryCatch(attempt) => self.attempt(attempt),
            StmtKind::InlineHtml(_) => self.inline_html(statement.span),
            _ => self.declaration(statement),
        }
    }

    /// Statements that declare something.
    fn declaration(&mut self, statement: &'a Stmt<'a, 'a>) {
        match &statement.kind {
            StmtKind::Declare(declare) => {
                declare.directives.iter().for_each(|(_, value)| self.expr(value));
                declare.body.into_iter().for_each(|body| self.statement(body));
            }
            StmtKind::Function(function) => self.function_declaration(function),
            StmtKind::Class(class) => self.class_declaration(class, statement.span),
            StmtKind::Interface(interface) => self.interface_declaration(interface),
            StmtKind::Trait(class) => self.trait_declaration(class),
            StmtKind::Enum(class) => self.enum_declaration(class),
            StmtKind::Namespace(namespace) => {
                self.names.enter(namespace);
                self.namespace_declaration(namespace);
                if let NamespaceBody::Braced(block) = &namespace.body {
                    let live = self.live;
                    self.block(block);
                    self.live = live;
                    self.names.leave();
                }
            }
            StmtKind::Use(imports) => {
                self.names.import(imports);
                self.imports(imports);
            }
            StmtKind::Const(items) => {
                for item in items.iter() {
                    self.expr(&item.value);
                    if let Some(name) = item.name.as_str() {
                        let condition = self.condition(&item.value);
                        if !condition.is_unknown() {
                            self.constants.push((name, condition));
                        }
                        self.constant_declaration(name, item.span.start);
                    }
                }
            }
            StmtKind::StaticVar(variables) => {
                for variable in variables.iter() {
                    variable.default.iter().for_each(|value| self.expr(value));
                    if let Some(name) = variable.name.as_str() {
                        self.scope().set(name.trim_start_matches('$'), None);
                        self.scope().name(name.trim_start_matches('$'));
                    }
                }
            }
            _ => {}
        }
    }

    fn expression_statement(&mut self, statement: &'a Stmt<'a, 'a>, expression: &'a Expr<'a, 'a>) {
        self.discarded = Some(expression);
        self.expr(expression);
        self.discarded = None;
        if let Some(comment) = statement.doc_comment
            && let ExprKind::Assign(assign) = &expression.kind
            && let ExprKind::Variable(name) = &assign.target.kind
        {
            let class = self.class.map(|class| class.name);
            if let Some(known) = docs::tagged(comment.text, "@var", Some(name.as_str()), &self.names, class) {
                self.scope().set(name.as_str(), Some(known));
            }
        }
        if let Some(condition) = self.ending(expression) {
            self.live = self.live.and(condition.yes);
            self.assumed.extend(condition.with);
        }
    }

    /// The condition under which what follows an expression is reached, when it may end the function or the program.
    fn ending(&self, expression: &'a Expr<'a, 'a>) -> Option<Condition> {
        use php_ast::BinaryOp::{BooleanAnd, BooleanOr, LogicalAnd, LogicalOr};
        match &expression.kind {
            ExprKind::Exit(_) | ExprKind::Throw(_) => Some(Condition { yes: Versions::NONE, ..Condition::unknown() }),
            ExprKind::Parenthesized(inner) | ExprKind::ErrorSuppress(inner) => self.ending(inner),
            ExprKind::Binary(binary) if self.ending(binary.right).is_some_and(|end| end.yes.is_empty()) => {
                match binary.op {
                    BooleanOr | LogicalOr => Some(self.condition(binary.left)),
                    BooleanAnd | LogicalAnd => Some(self.condition(binary.left).negated()),
                    _ => None,
                }
            }
            // `defined('X') or define('X', 1)`: afterwards it is.
            ExprKind::Binary(binary) if matches!(binary.op, BooleanOr | LogicalOr) => {
                let condition = self.condition(binary.left);
                let defines = matches!(&binary.right.kind, ExprKind::FunctionCall(call)
                    if self.global_function(call).is_some_and(|name| name.eq_ignore_ascii_case("define")));
                (defines && !condition.with.is_empty()).then_some(Condition { yes: Versions::ALL, ..condition })
            }
            _ => None,
        }
    }

    fn branches(&mut self, branches: &'a IfStmt<'a, 'a>) {
        let mut rest = self.live;
        let mut end = Versions::NONE;
        let mut without = Vec::new();
        let first = (&branches.condition, branches.then_branch);
        let others = branches.elseif_branches.iter().map(|branch| (&branch.condition, &branch.body));
        let before = self.live;
        let mark = self.scope().mark();
        for (condition, body) in std::iter::once(first).chain(others) {
            self.under(rest, &without, |examiner| examiner.expr(condition));
            let known = self.condition(condition);
            let narrowed = self.narrowed(condition);
            self.forget_tested(condition);
            let existing: Vec<_> = without.iter().copied().chain(known.with).collect();
            let reached = self.under(rest.and(known.yes), &existing, |examiner| {
                let outer: Vec<_> = narrowed
                    .iter()
                    .filter(|(_, _, holds)| *holds)
                    .map(|(name, class, _)| {
                        let outer = examiner.variable_type(name);
                        examiner.scope().set(name, Some(*class));
                        (*name, outer)
                    })
                    .collect();
                examiner.statement(body);
                for (name, outer) in outer {
                    examiner.scope().set(name, outer);
                }
            });
            self.scope().merge(mark);
            if reached.is_empty() && !rest.and(known.yes).is_empty() {
                // What follows knows that the condition failed.
                for (name, class, _) in narrowed.iter().filter(|(_, _, holds)| !holds) {
                    self.scope().set(name, Some(*class));
                }
            }
            end = end.or(reached);
            rest = rest.and(known.no);
            without.extend(known.without);
        }
        if let Some(body) = branches.else_branch {
            let reached = self.under(rest, &without, |examiner| examiner.statement(body));
            self.live = before.and(end.or(reached));
            self.scope().merge(mark);
            return;
        }
        self.live = before.and(end.or(rest));
        if end.is_empty() {
            self.assumed.extend(without);
        }
    }

    /// Variables that a condition tells the class of, and whether it does so by holding or by failing.
    fn narrowed(&self, condition: &'a Expr<'a, 'a>) -> Vec<(&'a str, Type<'a>, bool)> {
        let mut told = Vec::new();
        self.narrow(condition, true, &mut told, 16);
        told
    }

    fn narrow(&self, condition: &'a Expr<'a, 'a>, holds: bool, told: &mut Vec<(&'a str, Type<'a>, bool)>, depth: u32) {
        use php_ast::{BinaryOp, UnaryPrefixOp};
        let Some(depth) = depth.checked_sub(1) else { return };
        match &condition.kind {
            ExprKind::Parenthesized(inner) => self.narrow(inner, holds, told, depth),
            ExprKind::UnaryPrefix(unary) if unary.op == UnaryPrefixOp::BooleanNot => {
                self.narrow(unary.operand, !holds, told, depth);
            }
            ExprKind::Binary(binary) => match binary.op {
                BinaryOp::BooleanAnd | BinaryOp::LogicalAnd if holds => {
                    self.narrow(binary.left, holds, told, depth);
                    self.narrow(binary.right, holds, told, depth);
                }
                BinaryOp::BooleanOr | BinaryOp::LogicalOr if !holds => {
                    self.narrow(binary.left, holds, told, depth);
                    self.narrow(binary.right, holds, told, depth);
                }
                BinaryOp::Instanceof => {
                    if let (ExprKind::Variable(name), ExprKind::Name(class)) = (&binary.left.kind, &binary.right.kind) {
                        let class = self.names.class(class);
                        told.push((
                            self.arena.alloc_str(name),
                            Type::Object(class, crate::seen::Confidence::High),
                            holds,
                        ));
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// A loop's body, which may run or not.
    fn repeated(&mut self, condition: Condition, body: &'a Stmt<'a, 'a>) {
        self.loops.push(Loop::Loop);
        let mark = self.scope().mark();
        self.under(condition.yes, &condition.with, |examiner| examiner.statement(body));
        self.scope().merge(mark);
        self.loops.pop();
    }

    fn for_each(&mut self, again: &'a ForeachStmt<'a, 'a>) {
        self.expr(&again.expr);
        self.foreach_does(again);
        self.forget_assigned(&[again.body]);
        for target in again.key.iter().chain([&again.value]) {
            self.target(target);
            if let ExprKind::Variable(name) = &target.kind {
                if name.as_str() == "this" {
                    self.form("this-rebinding", target.span.start);
                }
                self.scope().set(name, None);
            }
        }
        if let ExprKind::Variable(name) = &again.value.kind {
            let element = self.type_of(&again.expr).and_then(Type::element);
            self.scope().set(name.as_str(), element);
        }
        self.repeated(Condition::unknown(), again.body);
    }

    fn switch(&mut self, switch: &'a SwitchStmt<'a, 'a>) {
        self.expr(&switch.expr);
        let before = self.live;
        let on_truth = matches!(&literal::bare(&switch.expr).kind, ExprKind::Bool(true));
        let (mut rest, mut fallen) = (before, Versions::NONE);
        self.loops.push(Loop::Switch);
        let mark = self.scope().mark();
        for case in switch.body.cases.iter() {
            let (yes, with) = match &case.value {
                Some(value) => {
                    self.under(rest, &[], |examiner| examiner.expr(value));
                    let condition = if on_truth { self.condition(value) } else { self.equality(&switch.expr, value) };
                    let yes = rest.and(condition.yes);
                    rest = rest.and(condition.no);
                    (yes, condition.with)
                }
                None => (before, Vec::new()),
            };
            fallen = self.under(yes.or(fallen), &with, |examiner| examiner.statements(&case.body));
            self.scope().merge(mark);
        }
        self.loops.pop();
        self.scope().merge(mark);
        self.live = before;
    }

    fn attempt(&mut self, attempt: &'a TryCatchStmt<'a, 'a>) {
        let before = self.live;
        let mark = self.scope().mark();
        let mut end = self.under(Versions::ALL, &[], |examiner| examiner.block(attempt.body));
        self.scope().merge(mark);
        for caught in attempt.catches.iter() {
            end = end.or(self.under(Versions::ALL, &[], |examiner| examiner.caught(caught)));
        }
        self.scope().merge(mark);
        self.live = before.and(end);
        if let Some(last) = attempt.finally {
            let reached = self.under_from(before, |examiner| examiner.block(last));
            self.live = self.live.and(reached);
        }
    }

    /// Walks what runs on these versions whatever happened before.
    fn under_from(&mut self, live: Versions, walk: impl FnOnce(&mut Self)) -> Versions {
        let before = std::mem::replace(&mut self.live, live);
        walk(self);
        std::mem::replace(&mut self.live, before)
    }

    fn caught(&mut self, caught: &'a CatchClause<'a, 'a>) {
        let mut known = None;
        for class in caught.types.iter() {
            self.class_softly(class);
            known = Some(Type::Object(self.names.class(class), crate::seen::Confidence::High));
        }
        if let Some(name) = caught.var.and_then(|variable| variable.as_str()) {
            let only = if caught.types.len() == 1 { known } else { None };
            self.scope().set(name.trim_start_matches('$'), only);
            self.scope().write(name.trim_start_matches('$'));
        }
        self.block(caught.body);
    }

    fn function_declaration(&mut self, function: &'a FunctionDecl<'a, 'a>) {
        self.function_declared(function);
        let doc = function.doc_comment.as_ref().map(|comment| comment.text);
        self.attributes(&function.attributes);
        function.return_type.iter().for_each(|hint| self.type_hint(hint));
        let class = self.class.take();
        let outer =
            std::mem::replace(&mut self.function, Function { parameters: &function.params, ..Function::default() });
        self.function_body(&function.params, doc, false, |examiner| examiner.statements(&function.body.stmts));
        self.function = outer;
        self.class = class;
    }

    /// Walks a function's parameters and body in a scope of their own.
    pub(super) fn function_body(
        &mut self,
        parameters: &'a [Param<'a, 'a>],
        doc: Option<&'a str>,
        sees_outer: bool,
        walk: impl FnOnce(&mut Self),
    ) {
        let mut known = Scope::default();
        let class = self.class.map(|class| class.name);
        for parameter in parameters {
            self.parameter(parameter);
            let Some(name) = parameter.name.as_str() else { continue };
            let hint = parameter.type_hint.as_ref().and_then(|hint| of_hint(hint, &self.names, class));
            let told = || doc.and_then(|doc| docs::tagged(doc, "@param", Some(name), &self.names, class));
            let holds = hint.or_else(told);
            let holds = if parameter.variadic { holds.map(listed) } else { holds };
            known.set(name.trim_start_matches('$'), holds);
            known.write(name.trim_start_matches('$'));
        }
        let (live, assumed) = (self.live, self.assumed.len());
        let loops = std::mem::take(&mut self.loops);
        self.scopes.push(Frame { known, sees_outer });
        walk(self);
        self.scopes.pop();
        self.loops = loops;
        self.live = live;
        self.assumed.truncate(assumed);
    }

    /// A parameter's type, default and attributes.
    fn parameter(&mut self, parameter: &'a Param<'a, 'a>) {
        self.attributes(&parameter.attributes);
        parameter.type_hint.iter().for_each(|hint| self.type_hint(hint));
        parameter.default.iter().for_each(|value| self.expr(value));
        for hook in parameter.hooks.iter() {
            self.hook(hook);
        }
    }

    fn unset(&mut self, target: &'a Expr<'a, 'a>) {
        match &target.kind {
            ExprKind::Variable(name) => {
                match name.as_str() {
                    "this" => self.form("this-rebinding", target.span.start),
                    "GLOBALS" => self.does("globals-write", target.span.start),
                    _ => {}
                }
                self.scope().set(name, None);
                self.scope().name(name);
            }
            _ => self.target(target),
        }
    }

    fn expressions(&mut self, expressions: &'a [Expr<'a, 'a>]) {
        for expression in expressions {
            self.expr(expression);
        }
    }
}

/// The list that a variadic parameter holds.
fn listed(element: Type<'_>) -> Type<'_> {
    match element {
        Type::Object(class, confidence) => Type::List(class, confidence),
        other => other,
    }
}

/// Whether a statement counts although nothing reaches it: functions and classes are declared before anything runs.
fn declares(statement: &Stmt<'_, '_>) -> bool {
    matches!(
        statement.kind,
        StmtKind::Function(_)
            | StmtKind::Class(_)
            | StmtKind::Interface(_)
            | StmtKind::Trait(_)
            | StmtKind::Enum(_)
            | StmtKind::Namespace(_)
            | StmtKind::Use(_)
    )
}
