//! Variables, constants, classes and their members, where they are used.

use php_ast::{
    Attribute, Expr, ExprKind, MethodCallExpr, Name, NewExpr, PropertyAccessExpr, Span, StaticAccessExpr,
    StaticMethodCallExpr, TypeHint, TypeHintKind,
};

use super::condition::{Condition, Operator};
use super::examine::{Examiner, Meeting};
use super::names::is_special;
use super::types::Type;
use crate::facts::{Folded, Internal, Kind};
use crate::seen::{Confidence, MemberKind};

impl<'a> Examiner<'a> {
    /// A variable is read.
    pub(super) fn variable(&mut self, name: &'a str, span: Span) {
        // All that the table has begin so.
        if !self.quiet
            && name.starts_with(['p', 'H', 'h', '_', 'a'])
            && !(self.scopes.len() > 1 && self.scope().has_written(name))
        {
            self.meet(Kind::Variable, Folded::one(name), span.start, Meeting::surely());
        }
        self.scope().name(name);
    }

    /// `$GLOBALS['HTTP_RAW_POST_DATA']`, `global $HTTP_RAW_POST_DATA;`
    pub(super) fn global_named(&mut self, name: &str, at: u32) {
        self.meet(Kind::Variable, Folded::one(name), at, Meeting::surely());
    }

    /// A variable is assigned: from here on it is the code's own.
    pub(super) fn variable_written(&mut self, name: &'a str, _span: Span) {
        self.scope().write(name);
    }

    /// The index of an array: a word without quotes is most likely a text.
    pub(super) fn index(&mut self, index: &'a Expr<'a, 'a>) {
        if let ExprKind::Name(name) = &index.kind
            && let [word] = name.parts_slice()
            && word.bytes().any(|byte| byte.is_ascii_lowercase())
            && !self.own.declares_constant(word)
        {
            let meeting = Meeting {
                unless: Some(word),
                written: Some(word),
                confidence: Confidence::Medium,
                ..Meeting::surely()
            };
            if self.facts.about(Kind::Constant, Folded::one(word)).is_empty() {
                self.meet(Kind::Behaviour, Folded::one("unquoted-string"), index.span.start, meeting);
            }
        }
        self.expr(index);
    }

    pub(super) fn constant(&mut self, name: &'a Name<'a, 'a>) {
        let meaning = self.names.constant(name);
        let Some(global) = meaning.global.or(meaning.own) else { return };
        let unless = if meaning.global.is_some() { meaning.own } else { None };
        self.meet(Kind::Constant, Folded::one(global), name.span().start, Meeting { unless, ..Meeting::surely() });
    }

    /// A class whose name stands where it has to be there.
    pub(super) fn class(&mut self, name: &'a Name<'a, 'a>) {
        let class = self.names.class(name);
        if !is_special(class) {
            self.meet(Kind::Class, Folded::one(class), name.span().start, Meeting::surely());
        }
    }

    /// A class whose name stands where nothing fails when it is not there.
    pub(super) fn class_softly(&mut self, name: &'a Name<'a, 'a>) {
        let class = self.names.class(name);
        if !is_special(class) {
            let meeting = Meeting { softly: true, ..Meeting::surely() };
            self.meet(Kind::Class, Folded::one(class), name.span().start, meeting);
        }
    }

    /// What stands before `::`.
    pub(super) fn class_named(&mut self, class: &'a Expr<'a, 'a>) {
        match &class.kind {
            ExprKind::Name(name) => {
                self.parent_named(name.parts_slice().first().copied().unwrap_or_default(), class.span.start);
                self.class(name);
            }
            ExprKind::Identifier(name) => self.parent_named(name.as_str(), class.span.start),
            _ => self.expr(class),
        }
    }

    fn parent_named(&mut self, name: &str, at: u32) {
        let has_none = self.class.is_some_and(|class| !class.may_have_parent);
        if has_none && !self.function.is_closure && name.eq_ignore_ascii_case("parent") {
            self.form("parent-without-parent", at);
        }
    }

    pub(super) fn type_hint(&mut self, hint: &'a TypeHint<'a, 'a>) {
        match &hint.kind {
            TypeHintKind::Named(name) => self.class_softly(name),
            TypeHintKind::Nullable(hint) => self.type_hint(hint),
            TypeHintKind::Union(hints) | TypeHintKind::Intersection(hints) => {
                hints.iter().for_each(|hint| self.type_hint(hint));
            }
            _ => {}
        }
    }

    pub(super) fn attributes(&mut self, attributes: &'a [Attribute<'a, 'a>]) {
        for attribute in attributes {
            self.arguments(&attribute.args);
        }
    }

    pub(super) fn creation(&mut self, new: &'a NewExpr<'a, 'a>, whole: &'a Expr<'a, 'a>) {
        match &new.class.kind {
            ExprKind::Name(name) => {
                let class = self.names.class(name);
                if !is_special(class) {
                    self.class(name);
                }
            }
            _ => self.expr(new.class),
        }
        if let Some(class) = self.class_expression(new.class) {
            self.conditional_member(class, "__construct", &new.args, whole, new.class.span.start, Confidence::High);
            self.constructed(class, &new.args, new.class.span.start);
        }
        self.arguments(&new.args);
    }

    /// Rows about a call of a method under conditions on its arguments.
    fn conditional_member(
        &mut self,
        class: &'a str,
        method: &'a str,
        args: &'a [php_ast::Arg<'a, 'a>],
        whole: &'a Expr<'a, 'a>,
        at: u32,
        confidence: Confidence,
    ) {
        if !self.facts.has_member(Kind::Call, method) {
            return;
        }
        let meeting = Meeting { confidence, ..Meeting::surely() };
        for class in self.ancestors(class) {
            self.conditional(Folded::member(class, method), args, whole, at, meeting);
        }
    }

    /// A class with all that it stands on, as far as this file and PHP's own classes tell.
    pub(super) fn ancestors(&self, class: &'a str) -> Vec<&'a str> {
        let mut line = vec![class];
        let mut at = 0;
        while let Some(class) = line.get(at).copied() {
            at += 1;
            let own = self.own.class(class).map_or(&[][..], |own| &own.parents);
            for parent in own.iter().chain(Internal::known().parents(class)) {
                if line.len() < 64 && !line.iter().any(|known| known.eq_ignore_ascii_case(parent)) {
                    line.push(parent);
                }
            }
        }
        line
    }

    pub(super) fn meet_method(&mut self, class: &'a str, method: &'a str, at: u32, confidence: Confidence) {
        let class = if is_special(class) { self.special_class(class) } else { Some(class) };
        if let Some(class) = class {
            self.meet_member(MemberKind::Method, class, method, at, confidence);
        }
    }

    /// `$object->method`
    pub(super) fn method_named(&mut self, object: &'a Expr<'a, 'a>, method: &'a Expr<'a, 'a>, at: u32) {
        let Some(name) = method.name_str().filter(|_| matches!(method.kind, ExprKind::Identifier(_))) else {
            self.expr(method);
            return;
        };
        if self.facts.has_member(Kind::Method, name)
            && let Some(Type::Object(class, confidence)) = self.type_of(object)
        {
            self.meet_member(MemberKind::Method, class, name, at, confidence);
        }
    }

    pub(super) fn method_call(&mut self, call: &'a MethodCallExpr<'a, 'a>, whole: &'a Expr<'a, 'a>) {
        let Some(name) = call.method.name_str() else { return };
        if self.facts.has_member(Kind::Call, name)
            && let Some(Type::Object(class, confidence)) = self.type_of(call.object)
        {
            self.conditional_member(class, name, &call.args, whole, call.method.span.start, confidence);
        }
    }

    pub(super) fn static_method_named(&mut self, class: &'a Expr<'a, 'a>, method: &'a Expr<'a, 'a>) {
        self.class_named(class);
        match method.name_str() {
            Some(name) => {
                if self.facts.has_member(Kind::Method, name)
                    && let Some(class) = self.class_expression(class)
                {
                    self.meet_member(MemberKind::Method, class, name, method.span.start, Confidence::High);
                }
            }
            None => self.expr(method),
        }
    }

    pub(super) fn static_call(&mut self, call: &'a StaticMethodCallExpr<'a, 'a>, whole: &'a Expr<'a, 'a>) {
        self.static_method_named(call.class, call.method);
        if let Some(name) = call.method.name_str() {
            self.static_call_does(call.class, name, call.method.span.start);
        }
        if let (Some(class), Some(name)) = (self.class_expression(call.class), call.method.name_str()) {
            self.conditional_member(class, name, &call.args, whole, call.method.span.start, Confidence::High);
            if name.eq_ignore_ascii_case("fromCallable")
                && class.eq_ignore_ascii_case("Closure")
                && let Some(value) = call.args.first().and_then(php_ast::Arg::value)
            {
                self.callback(value);
            }
        }
        self.arguments(&call.args);
    }

    pub(super) fn static_property(&mut self, access: &'a StaticAccessExpr<'a, 'a>, at: u32) {
        self.class_named(access.class);
        match access.member.name_str() {
            Some(name) => {
                let name = name.trim_start_matches('$');
                self.trait_property_does(access.class, at);
                if self.facts.has_member(Kind::Property, name)
                    && let Some(class) = self.class_expression(access.class)
                {
                    self.meet_member(MemberKind::Property, class, name, at, Confidence::High);
                }
            }
            None => self.expr(access.member),
        }
    }

    pub(super) fn property(&mut self, access: &'a PropertyAccessExpr<'a, 'a>) {
        if let ExprKind::Identifier(name) = &access.property.kind
            && self.facts.has_member(Kind::Property, name)
            && let Some(Type::Object(class, confidence)) = self.type_of(access.object)
        {
            self.meet_member(MemberKind::Property, class, name.as_str(), access.property.span.start, confidence);
        }
    }

    pub(super) fn class_constant(&mut self, access: &'a StaticAccessExpr<'a, 'a>) {
        let Some(name) = access.member.name_str() else {
            self.class_named(access.class);
            self.expr(access.member);
            return;
        };
        if name.eq_ignore_ascii_case("class") {
            // The name of a class that need not be there.
            if !matches!(access.class.kind, ExprKind::Name(_)) {
                self.expr(access.class);
            }
            return;
        }
        self.class_named(access.class);
        if self.facts.has_member(Kind::ClassConstant, name)
            && let Some(class) = self.class_expression(access.class)
        {
            self.meet_member(MemberKind::Constant, class, name, access.member.span.start, Confidence::High);
        }
    }

    /// What `match` and `switch` ask of one value: whether the subject is it.
    pub(super) fn equality(&self, subject: &'a Expr<'a, 'a>, value: &'a Expr<'a, 'a>) -> Condition {
        self.against(subject, Operator::Equal, value).unwrap_or_else(Condition::unknown)
    }
}
