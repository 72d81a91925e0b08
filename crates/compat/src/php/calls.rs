//! Calls of functions by name, also by a name in a string.

use php_ast::{Arg, Expr, ExprKind, FunctionCallExpr};

use super::examine::{Examiner, Meeting};
use super::known_functions::{self, Role};
use super::literal;
use super::names::{Meaning, Names};
use super::types::Type;
use crate::facts::{Folded, Kind, Term};
use crate::seen::Confidence;

impl<'a> Examiner<'a> {
    pub(super) fn function_call(&mut self, call: &'a FunctionCallExpr<'a, 'a>, whole: &'a Expr<'a, 'a>) {
        match &call.name.kind {
            ExprKind::Name(name) => {
                let meaning = self.names.function(name);
                self.called(meaning, &call.args, whole, name.span().start);
                if let Some(global) = meaning.global {
                    self.special(global, &call.args, whole);
                }
            }
            // `$f = 'each'; $f($list);`
            ExprKind::Variable(name) => {
                if let Some(Type::Text(text)) = self.variable_type(name.as_str()) {
                    self.called_by_text(text, call.name.span.start, Confidence::Medium);
                }
            }
            ExprKind::String(_) => {
                if let Some(text) = literal::string(call.name) {
                    self.called_by_text(text, call.name.span.start, Confidence::High);
                }
            }
            _ => {}
        }
        self.arguments(&call.args);
        let name = match &call.name.kind {
            ExprKind::Name(name) => self.names.function(name).global,
            _ => None,
        };
        self.may_be_written(name, &call.args);
    }

    /// A function is called with these arguments.
    fn called(&mut self, meaning: Meaning<'a>, args: &'a [Arg<'a, 'a>], whole: &'a Expr<'a, 'a>, at: u32) {
        let Some(name) = meaning.global.or(meaning.own) else { return };
        let unless = if meaning.global.is_some() { meaning.own } else { None };
        let meeting = Meeting { unless, ..Meeting::surely() };
        let folded = Folded::one(name);
        self.meet(Kind::Function, folded, at, meeting);
        self.conditional(folded, args, whole, at, meeting);
        if meaning.global.is_some() {
            self.signature_of_call(name, args, at, meeting);
        }
    }

    /// The rows about a call under conditions on its arguments.
    pub(super) fn conditional(
        &mut self,
        name: Folded<'_>,
        args: &'a [Arg<'a, 'a>],
        whole: &'a Expr<'a, 'a>,
        at: u32,
        meeting: Meeting<'a>,
    ) {
        for row in self.facts.about(Kind::Call, name) {
            let when = &self.facts.row(row).when;
            let holds = when.terms().iter().all(|term| self.holds(term, args, whole));
            if holds {
                self.row(row, name.hash(), at, &meeting, |_| true);
            }
        }
    }

    /// A function, or a static method, is called by a name in a string.
    pub(super) fn called_by_text(&mut self, text: &'a str, at: u32, confidence: Confidence) {
        let name = Names::class_of_text(text);
        if let Some((class, method)) = name.split_once("::") {
            self.meet_method(class, method, at, confidence);
            return;
        }
        self.meet(Kind::Function, Folded::one(name), at, Meeting { confidence, ..Meeting::surely() });
    }

    /// Something that will be called.
    pub(super) fn callback(&mut self, value: &'a Expr<'a, 'a>) {
        let value = literal::bare(value);
        match &value.kind {
            ExprKind::String(_) => {
                if let Some(text) = literal::string(value) {
                    self.called_by_text(text, value.span.start, Confidence::High);
                    self.callable_text(text, value.span.start);
                }
            }
            ExprKind::Variable(name) => {
                if let Some(Type::Text(text)) = self.variable_type(name.as_str()) {
                    self.called_by_text(text, value.span.start, Confidence::Medium);
                }
            }
            ExprKind::Array(elements) => {
                if let [class, method] = &**elements
                    && let Some(method) = literal::string(method.value())
                {
                    let class = class.value();
                    let known = literal::string(class).map(Names::class_of_text);
                    if let Some(class) = known.or_else(|| self.type_of(class).and_then(Type::class)) {
                        self.meet_method(class, method, value.span.start, Confidence::High);
                    }
                    self.callable_pair(class, method, value.span.start);
                }
            }
            _ => {}
        }
    }

    /// A function named by a text is called with so many arguments, or with these.
    fn called_back(&mut self, by: &str, callback: &'a Expr<'a, 'a>, args: &'a [Arg<'a, 'a>], whole: &'a Expr<'a, 'a>) {
        let Some(text) = literal::string(callback) else { return };
        let folded = Folded::one(Names::class_of_text(text));
        let at = callback.span.start;
        if by.eq_ignore_ascii_case("call_user_func") {
            self.conditional(folded, &args[1..], whole, at, Meeting::surely());
            return;
        }
        let count = if by.eq_ignore_ascii_case("array_map") { args.len() - 1 } else { return };
        for row in self.facts.about(Kind::Call, folded) {
            let fits = |term: &Term<'_>| match *term {
                Term::Fewer(than) => count < usize::from(than),
                Term::More(than) => count > usize::from(than),
                Term::Exactly(many) => count == usize::from(many),
                Term::NotNamed(_) => true,
                _ => false,
            };
            if self.facts.row(row).when.terms().iter().all(fits) {
                self.row(row, folded.hash(), at, &Meeting::surely(), |_| true);
            }
        }
    }

    /// What a function means beyond being called.
    fn special(&mut self, name: &'a str, args: &'a [Arg<'a, 'a>], whole: &'a Expr<'a, 'a>) {
        let Some(role) = known_functions::role(name) else { return };
        let argument = |place: usize| args.get(place).and_then(Arg::value);
        match role {
            Role::TakesCallback(place) => {
                if let Some(value) = argument(place) {
                    self.callback(value);
                    self.called_back(name, value, args, whole);
                }
            }
            Role::TakesCallbackLast => {
                if let Some(value) = args.last().and_then(Arg::value) {
                    self.callback(value);
                }
            }
            Role::TakesCallbacks => args.iter().filter_map(Arg::value).for_each(|value| self.callback(value)),
            Role::Setting => {
                if let Some((name, value)) = argument(0).and_then(|value| Some((self.text_of(value)?, value))) {
                    self.meet(Kind::Ini, Folded::one(name), value.span.start, Meeting::surely());
                }
            }
            Role::Defines => {
                if let Some(name) = argument(0).and_then(literal::string) {
                    self.defined.push(name);
                    if let Some(value) = argument(1) {
                        let condition = self.condition(value);
                        if !condition.is_unknown() {
                            self.constants.push((name, condition));
                        }
                    }
                }
            }
            Role::NamesConstant => {
                if let Some((name, value)) = argument(0).and_then(|value| Some((literal::string(value)?, value))) {
                    match name.split_once("::") {
                        Some((class, constant)) => {
                            let class = Names::class_of_text(class);
                            let kind = crate::seen::MemberKind::Constant;
                            self.meet_member(kind, class, constant, value.span.start, Confidence::High);
                        }
                        None => {
                            self.meet(Kind::Constant, Folded::one(name), value.span.start, Meeting::surely());
                        }
                    }
                }
            }
            Role::AliasesClass => {
                if let (Some(class), Some(alias)) =
                    (argument(0).and_then(literal::string), argument(1).and_then(literal::string))
                {
                    self.aliased.push((Names::class_of_text(class), Names::class_of_text(alias)));
                }
            }
            Role::LoadsExtension => {}
        }
    }

    /// The text that an expression is known to have.
    pub(super) fn text_of(&self, value: &'a Expr<'a, 'a>) -> Option<&'a str> {
        literal::string(value).or_else(|| match &value.kind {
            ExprKind::Variable(name) => match self.variable_type(name.as_str()) {
                Some(Type::Text(text)) => Some(text),
                _ => None,
            },
            _ => self.constant_value(value).and_then(literal::string),
        })
    }

    /// The integer that an expression is known to be.
    pub(super) fn number_of(&self, value: &'a Expr<'a, 'a>) -> Option<i64> {
        literal::integer(value).or_else(|| match &value.kind {
            ExprKind::Variable(name) => match self.variable_type(name.as_str()) {
                Some(Type::Int(number)) => Some(number),
                _ => None,
            },
            _ => self.constant_value(value).and_then(literal::integer),
        })
    }

    /// The value of a constant that this file defines.
    fn constant_value(&self, value: &'a Expr<'a, 'a>) -> Option<&'a Expr<'a, 'a>> {
        match &value.kind {
            ExprKind::Name(name) => {
                let meaning = self.names.constant(name);
                let known = |name: Option<&str>| name.and_then(|name| self.own.value(Folded::one(name)));
                known(meaning.own).or_else(|| known(meaning.global))
            }
            ExprKind::ClassConstAccess(access) => {
                let class = self.class_expression(access.class)?;
                self.own.value(Folded::member(class, access.member.name_str()?))
            }
            _ => None,
        }
    }

    /// `each(...)`
    pub(super) fn callable_created(&mut self, function: &'a Expr<'a, 'a>) {
        match &function.kind {
            ExprKind::Name(name) => {
                let meaning = self.names.function(name);
                let Some(global) = meaning.global else { return };
                let meeting = Meeting { unless: meaning.own, ..Meeting::surely() };
                self.meet(Kind::Function, Folded::one(global), name.span().start, meeting);
            }
            _ => self.expr(function),
        }
    }

    /// The literal end of a path that is included.
    pub(super) fn include(&mut self, path: &'a Expr<'a, 'a>) {
        let mut path = literal::bare(path);
        while let ExprKind::Binary(binary) = &path.kind {
            path = literal::bare(binary.right);
        }
        let text = match &path.kind {
            ExprKind::InterpolatedString(parts) => match parts.last() {
                Some(php_ast::StringPart::Literal(text)) => text.to_str(),
                _ => None,
            },
            _ => literal::string(path),
        };
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.included.push(text);
        }
    }
}
