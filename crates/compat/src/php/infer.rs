//! What an expression is known to give.

use php_ast::{Expr, ExprKind};

use super::examine::Examiner;
use super::names::is_special;
use super::objects;
use super::returns;
use super::types::Type;
use crate::facts::Internal;
use crate::seen::Confidence;

/// How far a chain of calls is followed.
const DEPTH: u32 = 12;

impl<'a> Examiner<'a> {
    /// What an expression is known to give.
    pub(super) fn type_of(&self, expression: &'a Expr<'a, 'a>) -> Option<Type<'a>> {
        self.type_within(expression, DEPTH)
    }

    fn type_within(&self, expression: &'a Expr<'a, 'a>, depth: u32) -> Option<Type<'a>> {
        let depth = depth.checked_sub(1)?;
        match &expression.kind {
            ExprKind::Variable(name) if name.as_str() == "this" => {
                let class = self.class?;
                let name = if class.name.is_empty() { class.parent? } else { class.name };
                Some(Type::Object(name, Confidence::High))
            }
            ExprKind::Variable(name) => self.variable_type(name.as_str()),
            ExprKind::String(text) => text.to_str().map(Type::Text),
            ExprKind::Null => Some(Type::Null),
            ExprKind::Int(number) => Some(Type::Int(*number)),
            ExprKind::Float(_) => Some(Type::Float),
            ExprKind::Bool(truth) => Some(Type::Bool(*truth)),
            ExprKind::UnaryPrefix(_) => super::literal::integer(expression).map(Type::Int),
            ExprKind::Array(_) => Some(Type::Array),
            ExprKind::Parenthesized(inner) | ExprKind::ErrorSuppress(inner) | ExprKind::Clone(inner) => {
                self.type_within(inner, depth)
            }
            ExprKind::Assign(assign) => self.type_within(assign.value, depth),
            ExprKind::New(new) => self.class_expression(new.class).map(|class| Type::Object(class, Confidence::High)),
            ExprKind::Ternary(ternary) => {
                let then = ternary.then_expr.unwrap_or(ternary.condition);
                // Of two values one; of an object and nothing, the object.
                let object = |value| self.type_within(value, depth).filter(|known| !known.is_value());
                object(then).or_else(|| object(ternary.else_expr))
            }
            ExprKind::NullCoalesce(coalesce) => {
                let object = |value| self.type_within(value, depth).filter(|known| !known.is_value());
                object(coalesce.left).or_else(|| object(coalesce.right))
            }
            ExprKind::PropertyAccess(access) | ExprKind::NullsafePropertyAccess(access) => {
                let (class, confidence) = self.object(access.object, depth)?;
                let property = access.property.name_str()?;
                self.property_of(class, property).map(|known| weaker(known, confidence))
            }
            ExprKind::StaticPropertyAccess(access) => {
                let class = self.class_expression(access.class)?;
                self.property_of(class, access.member.name_str()?.trim_start_matches('$'))
            }
            ExprKind::MethodCall(call) | ExprKind::NullsafeMethodCall(call) => {
                let (class, confidence) = self.object(call.object, depth)?;
                self.returned(class, call.method.name_str()?).map(|known| weaker(known, confidence))
            }
            ExprKind::StaticMethodCall(call) => {
                let class = self.class_expression(call.class)?;
                self.returned(class, call.method.name_str()?)
            }
            ExprKind::ArrayAccess(access) => self.type_within(access.array, depth)?.element(),
            ExprKind::FunctionCall(call) => match &call.name.kind {
                ExprKind::Name(name) => {
                    let meaning = self.names.function(name);
                    let own = meaning.own.and_then(|name| self.own.function(name));
                    own.or_else(|| {
                        let global = meaning.global?;
                        self.own
                            .function(global)
                            .or_else(|| objects::handle(global))
                            .or_else(|| returns::function(global))
                    })
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn object(&self, expression: &'a Expr<'a, 'a>, depth: u32) -> Option<(&'a str, Confidence)> {
        match self.type_within(expression, depth)? {
            Type::Object(class, confidence) => Some((class, confidence)),
            _ => None,
        }
    }

    /// The class that stands before `::` or after `new`.
    pub(super) fn class_expression(&self, class: &'a Expr<'a, 'a>) -> Option<&'a str> {
        match &class.kind {
            ExprKind::Name(name) => {
                let name = self.names.class(name);
                if is_special(name) { self.special_class(name) } else { Some(name) }
            }
            ExprKind::Identifier(name) if is_special(name) => self.special_class(name),
            ExprKind::Variable(_) => match self.type_of(class)? {
                Type::Object(class, _) => Some(class),
                Type::Text(text) => Some(super::names::Names::class_of_text(text)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What `self`, `static` and `parent` stand for.
    pub(super) fn special_class(&self, name: &str) -> Option<&'a str> {
        let class = self.class?;
        if name.eq_ignore_ascii_case("parent") || class.name.is_empty() { class.parent } else { Some(class.name) }
    }

    /// What a property holds, of the class or of what it extends, as far as this file tells.
    fn property_of(&self, class: &'a str, property: &str) -> Option<Type<'a>> {
        self.line(class, |own| own.property(property))
    }

    /// What a method returns.
    fn returned(&self, class: &'a str, method: &str) -> Option<Type<'a>> {
        if let Some(declared) = self.line(class, |own| own.returned(method)) {
            return declared.0;
        }
        let base = self.base(class);
        Internal::known().line_of(base).into_iter().find_map(|class| returns::method(class, method))
    }

    /// Whether a class of this file, or what it stands on here, declares a method.
    pub(super) fn has_method(&self, class: &'a str, method: &str) -> bool {
        self.line(class, |own| own.has_method(method).then_some(())).is_some()
    }

    /// The first answer of a class of this file or of what it stands on.
    pub(super) fn line<T>(&self, class: &'a str, ask: impl Fn(&super::own::OwnClass<'a>) -> Option<T>) -> Option<T> {
        let mut classes = vec![class];
        let mut at = 0;
        while let Some(class) = classes.get(at).copied() {
            at += 1;
            let Some(own) = self.own.class(class) else { continue };
            if let Some(answer) = ask(own) {
                return Some(answer);
            }
            for parent in &own.parents {
                if !classes.contains(parent) && classes.len() < 64 {
                    classes.push(parent);
                }
            }
        }
        None
    }

    /// The first class above one of this file's that the file does not declare: PHP's own, or one of another file.
    fn base(&self, class: &'a str) -> &'a str {
        let mut class = class;
        for _ in 0..64 {
            match self.own.class(class) {
                Some(own) if own.extends => match own.parents.first() {
                    Some(parent) => class = parent,
                    None => break,
                },
                _ => break,
            }
        }
        class
    }
}

fn weaker(known: Type<'_>, confidence: Confidence) -> Type<'_> {
    if confidence == Confidence::High { known } else { known.told() }
}
