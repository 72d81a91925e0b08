//! Forms of functions: parameters, what they return, what closures use.

use php_ast::{ClosureExpr, Expr, ExprKind, Param, TypeHint, TypeHintKind};

use super::super::examine::Examiner;
use super::types::{Place, takes_null};

/// Variables that are there everywhere.
const SUPERGLOBALS: &[&str] =
    &["GLOBALS", "_SERVER", "_GET", "_POST", "_FILES", "_COOKIE", "_SESSION", "_REQUEST", "_ENV"];

impl<'a> Examiner<'a> {
    /// The parameters of a function, or of a method.
    pub(in super::super) fn parameters_form(&mut self, parameters: &'a [Param<'a, 'a>], is_method: bool) {
        let last_required =
            parameters.iter().rposition(|parameter| parameter.default.is_none() && !parameter.variadic).unwrap_or(0);
        for (place, parameter) in parameters.iter().enumerate() {
            let at = parameter.span.start;
            let name = parameter.name.as_str().unwrap_or_default().trim_start_matches('$');
            if let Some(hint) = &parameter.type_hint {
                self.type_form(hint, Place::Parameter);
            }
            if parameter.variadic {
                self.form("variadic-parameter", at);
            }
            if !parameter.modifiers.is_empty() {
                self.form("constructor-promotion", at);
                self.modifiers_form(parameter.modifiers, at, true);
            }
            if SUPERGLOBALS.contains(&name) {
                self.form("superglobal-parameter", at);
            }
            if name == "this" && !is_method {
                self.form("this-parameter", at);
            }
            if parameters[..place].iter().any(|other| other.name.as_str() == parameter.name.as_str()) {
                self.form("duplicate-parameter", at);
            }
            if let Some(default) = &parameter.default {
                self.default_form(parameter, default, place < last_required);
            }
        }
    }

    fn default_form(&mut self, parameter: &'a Param<'a, 'a>, default: &'a Expr<'a, 'a>, before_required: bool) {
        let at = parameter.name.span.start;
        let is_null = matches!(default.kind, ExprKind::Null);
        match &parameter.type_hint {
            Some(hint) if is_null => {
                if before_required && matches!(hint.kind, TypeHintKind::Nullable(_)) {
                    self.form("nullable-optional-before-required", at);
                } else if before_required && takes_null(hint) {
                    self.form("null-union-optional-before-required", at);
                } else if !takes_null(hint) && parameter.modifiers.is_empty() {
                    self.form("implicit-nullable", at);
                }
            }
            _ if before_required => self.form("optional-before-required", at),
            _ => {}
        }
        self.constant_form(default);
    }

    /// What a function returns.
    pub(in super::super) fn returned_form(&mut self, hint: Option<&'a TypeHint<'a, 'a>>, by_ref: bool, at: u32) {
        let Some(hint) = hint else { return };
        self.type_form(hint, Place::Return);
        if by_ref && matches!(hint.kind, TypeHintKind::Keyword(php_ast::BuiltinType::Void, _)) {
            self.form("void-by-reference", at);
        }
    }

    pub(in super::super) fn closure_form(&mut self, closure: &'a ClosureExpr<'a, 'a>, whole: &'a Expr<'a, 'a>) {
        self.parameters_form(&closure.params, false);
        self.returned_form(closure.return_type.as_ref(), closure.by_ref, whole.span.start);
        for used in closure.use_vars.iter() {
            let name = used.name.as_str().unwrap_or_default().trim_start_matches('$');
            let is_parameter = closure
                .params
                .iter()
                .any(|parameter| parameter.name.as_str().is_some_and(|other| other.trim_start_matches('$') == name));
            if SUPERGLOBALS.contains(&name) || name == "this" || is_parameter {
                self.form("closure-use-name", used.span.start);
            }
        }
        let end = closure.use_vars.last().map(|used| used.span.end);
        if end.is_some_and(|end| self.byte_after(end) == Some(b',')) {
            self.form("parameter-trailing-comma", whole.span.start);
        }
        self.trailing_form(&closure.params);
    }

    /// `function f($a,)`
    pub(in super::super) fn trailing_form(&mut self, parameters: &'a [Param<'a, 'a>]) {
        if let Some(last) = parameters.last()
            && self.byte_after(last.span.end) == Some(b',')
        {
            self.form("parameter-trailing-comma", last.span.end);
        }
    }

    /// A constant's value, or a default: more than a literal takes 5.6 and later versions.
    pub(in super::super) fn constant_form(&mut self, value: &'a Expr<'a, 'a>) {
        match &value.kind {
            ExprKind::Binary(_) | ExprKind::Ternary(_) | ExprKind::ArrayAccess(_) => {
                self.form("constant-expression", value.span.start);
            }
            ExprKind::New(_) => self.form("new-in-initializer", value.span.start),
            ExprKind::Closure(_) => self.form("closure-in-constant-expression", value.span.start),
            ExprKind::CallableCreate(_) => {
                self.form("first-class-callable-in-constant-expression", value.span.start);
            }
            ExprKind::PropertyAccess(_) | ExprKind::NullsafePropertyAccess(_) => {
                self.form("enum-property-in-constant", value.span.start);
            }
            _ => {}
        }
    }
}
