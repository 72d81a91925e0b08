//! What strings and pairs that name something to call still mean, and what handlers get.

use php_ast::{Expr, ExprKind, Param, TypeHintKind};

use super::super::examine::Examiner;
use super::super::literal;
use super::super::names::{Names, is_special};
use crate::facts::Kind;
use crate::seen::Confidence;

/// Functions that look at the variables of who calls them.
const DYNAMIC: &[&str] = &["compact", "extract", "func_get_args", "func_get_arg", "func_num_args", "get_defined_vars"];

impl<'a> Examiner<'a> {
    /// `'self::m'`, `'compact'`
    pub(in super::super) fn callable_text(&mut self, text: &'a str, at: u32) {
        match text.split_once("::") {
            Some((class, method)) => {
                if is_special(class) {
                    self.does("partial-callable", at);
                } else {
                    self.called_with_class(Names::class_of_text(class), method, at);
                }
            }
            None => {
                if DYNAMIC.iter().any(|name| name.eq_ignore_ascii_case(Names::class_of_text(text))) {
                    self.does("dynamic-scope-function", at);
                }
            }
        }
    }

    /// `['self', 'm']`, `[$o, 'parent::m']`, `['C', 'm']`
    pub(in super::super) fn callable_pair(&mut self, class: &'a Expr<'a, 'a>, method: &'a str, at: u32) {
        let named = literal::string(class);
        if method.contains("::") || named.is_some_and(is_special) {
            self.does("partial-callable", at);
            return;
        }
        let named = named.map(Names::class_of_text).or_else(|| match &class.kind {
            ExprKind::ClassConstAccess(access) if access.member.name_str() == Some("class") => {
                self.class_expression(access.class)
            }
            ExprKind::MagicConst(php_ast::MagicConstKind::Class) => self.class.map(|class| class.name),
            _ => None,
        });
        if let Some(class) = named {
            self.called_with_class(class, method, at);
        }
    }

    fn called_with_class(&mut self, class: &'a str, method: &str, at: u32) {
        // From an object of that class it is a call on that object.
        if self.is_inside(class) && !self.function.is_static {
            return;
        }
        let is_instance = self.line(class, |own| own.is_static(method)) == Some(false);
        if is_instance && !self.has_method(class, "__callStatic") {
            self.does("static-callback-of-instance-method", at);
        }
    }

    /// `C::m()` of a method that is not static.
    pub(in super::super) fn static_call_does(&mut self, class: &'a Expr<'a, 'a>, method: &'a str, at: u32) {
        let written = match &class.kind {
            ExprKind::Name(name) => self.names.class(name),
            ExprKind::Identifier(name) => name.as_str(),
            _ => return,
        };
        if written.eq_ignore_ascii_case("parent") || (is_special(written) && !self.function.is_static) {
            return;
        }
        let Some(class) = self.class_expression(class) else { return };
        if self.own.class(class).is_some_and(|own| own.is_trait) {
            if !is_special(written) {
                self.does("trait-static-member", at);
            }
            return;
        }
        // From an object of that class it is a call of the parent's method.
        if self.is_inside(class) && !self.function.is_static {
            return;
        }
        let is_instance = self.line(class, |own| own.is_static(method)) == Some(false);
        if is_instance && !self.has_method(class, "__callStatic") {
            self.rule(Kind::Behaviour, "static-call-of-instance-method", at, Confidence::High);
        }
    }

    /// Whether what is walked stands in a class, or in one that extends it.
    fn is_inside(&self, class: &str) -> bool {
        self.class.is_some_and(|around| {
            !around.name.is_empty() && self.ancestors(around.name).iter().any(|known| known.eq_ignore_ascii_case(class))
        })
    }

    pub(in super::super) fn trait_property_does(&mut self, class: &'a Expr<'a, 'a>, at: u32) {
        if let ExprKind::Name(name) = &class.kind {
            let class = self.names.class(name);
            if !is_special(class) && self.own.class(class).is_some_and(|own| own.is_trait) {
                self.does("trait-static-member", at);
            }
        }
    }

    /// What is given to `set_error_handler` and its like.
    pub(super) fn handler_given(&mut self, name: &str, handler: &'a Expr<'a, 'a>) {
        let parameters: Option<&'a [Param<'a, 'a>]> = match &literal::bare(handler).kind {
            ExprKind::Closure(closure) => Some(&closure.params),
            ExprKind::ArrowFunction(function) => Some(&function.params),
            ExprKind::String(_) => literal::string(handler).and_then(|name| self.own.parameters(name)),
            ExprKind::Array(elements) => match &**elements {
                [class, method] => {
                    let class = self.callable_class(class.value());
                    let method = literal::string(method.value());
                    class.zip(method).and_then(|(class, method)| self.line(class, |own| own.parameters(method)))
                }
                _ => None,
            },
            _ => None,
        };
        let Some(parameters) = parameters else { return };
        if name.eq_ignore_ascii_case("set_error_handler") {
            if let Some(fifth) = parameters.get(4)
                && fifth.default.is_none()
                && !fifth.variadic
            {
                self.does("error-handler-context", fifth.span.start);
            }
        } else if name.eq_ignore_ascii_case("set_exception_handler")
            && let Some(hint) = parameters.first().and_then(|parameter| parameter.type_hint.as_ref())
            && let TypeHintKind::Named(class) = &hint.kind
            && self.names.class(class).eq_ignore_ascii_case("Exception")
        {
            self.does("exception-handler-type", hint.span.start);
        }
    }

    fn callable_class(&self, class: &'a Expr<'a, 'a>) -> Option<&'a str> {
        match literal::string(class) {
            Some(text) if is_special(text) => self.special_class(text),
            Some(text) => Some(Names::class_of_text(text)),
            None => self.type_of(class).and_then(super::super::types::Type::class).or_else(|| match &class.kind {
                ExprKind::MagicConst(php_ast::MagicConstKind::Class) => self.class.map(|class| class.name),
                ExprKind::ClassConstAccess(access) => self.class_expression(access.class),
                _ => None,
            }),
        }
    }
}
