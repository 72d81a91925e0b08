//! Functions and methods by which PHP code reads the environment.

use std::ops::ControlFlow;

use php_ast::resolve::{NameContext, ResolvedName};
use php_ast::visitor::Visitor;
use php_ast::{
    Arg, ArrayElement, Attribute, Expr, ExprKind, FunctionCallExpr, MethodCallExpr, Name, StaticMethodCallExpr,
};

use super::context::Context;
use super::visit::Finder;
use super::{literal, server};
use crate::findings::{Care, Found};
use crate::read::Key;

/// Functions that give something empty for something empty, so that a default may follow them.
const CONVERSIONS: &[&str] =
    &["boolval", "filter_var", "floatval", "intval", "ltrim", "rtrim", "strtolower", "strtoupper", "strval", "trim"];

/// Functions that ask what a value is.
const QUESTIONS: &[&str] = &["is_string", "is_numeric", "is_array", "ctype_digit", "strlen"];

impl Finder<'_> {
    /// A call of a function by its name.
    pub(super) fn function_call(
        &mut self,
        expression: &Expr<'_, '_>,
        call: &FunctionCallExpr<'_, '_>,
        context: Context,
    ) -> ControlFlow<()> {
        let ExprKind::Name(name) = &call.name.kind else { return ControlFlow::Continue(()) };
        let (function, global) = self.function(name);
        let args: &[Arg<'_, '_>] = &call.args;
        let key = argument(args, 0, &["key", "name", "varname"]).map_or(Key::Computed, literal::key);
        match function.as_str() {
            "getenv" | "apache_getenv" if global => {
                let how = if function == "getenv" { "getenv()" } else { "apache_getenv()" };
                let found = self.found(key, expression.span, how);
                self.read(found, &context);
            }
            "env" => {
                let found = with_default(self.found(key, expression.span, "env()"), args);
                self.read(found, &context);
            }
            "filter_input" | "filter_has_var" if global => {
                self.filter_input(
                    expression,
                    args,
                    if function == "filter_input" { &context } else { &super::context::CONDITION },
                );
            }
            "putenv" if global => {
                let text = args.first().and_then(Arg::value).and_then(literal::leftmost);
                if let Some((key, _)) = text.and_then(|text| text.split_once('=')) {
                    self.set(key, expression.span);
                }
            }
            "array_key_exists" | "key_exists" if global => {
                if let [asked, array] = args
                    && let Some(ExprKind::Variable(variable)) = array.value().map(|array| &array.kind)
                    && variable.as_str() == "_ENV"
                {
                    let key = asked.value().map_or(Key::Computed, literal::key);
                    let found = self.found(key, expression.span, "$_ENV");
                    self.read(found, &context.condition());
                    return asked.value().map_or(ControlFlow::Continue(()), |asked| self.visit_expr(asked));
                }
            }
            _ if global => {
                if let Some(first) = args.first().and_then(Arg::value) {
                    if CONVERSIONS.contains(&function.as_str()) {
                        self.expect(first, context);
                    } else if QUESTIONS.contains(&function.as_str()) {
                        self.expect(first, context.condition());
                    } else if function == "is_null" {
                        self.expect(first, context.negated());
                    }
                }
            }
            _ => {}
        }
        for value in args.iter().filter_map(Arg::value) {
            self.visit_expr(value)?;
        }
        ControlFlow::Continue(())
    }

    /// The function that a name calls, in small letters without namespace, and whether that may be the global one.
    fn function(&self, name: &Name<'_, '_>) -> (String, bool) {
        match self.names.resolve_name(name, NameContext::Function) {
            ResolvedName::Fqn(name) => match name.rsplit_once('\\') {
                Some((_, last)) => (last.to_ascii_lowercase(), false),
                None => (name.to_ascii_lowercase(), true),
            },
            ResolvedName::Fallback { global, .. } => (global.to_ascii_lowercase(), true),
            _ => (String::new(), false),
        }
    }

    /// The class that a name stands for, without namespace.
    fn class(&self, name: &Name<'_, '_>) -> Option<String> {
        match self.names.resolve_name(name, NameContext::Class) {
            ResolvedName::Fqn(name) => name.rsplit('\\').next().map(str::to_ascii_lowercase),
            _ => None,
        }
    }

    /// `Env::get('KEY')` of Laravel, `App::env('KEY')` of Craft.
    pub(super) fn static_call(
        &mut self,
        expression: &Expr<'_, '_>,
        call: &StaticMethodCallExpr<'_, '_>,
        context: &Context,
    ) {
        let (ExprKind::Name(class), Some(method)) = (&call.class.kind, call.method.name_str()) else { return };
        let Some(class) = self.class(class) else { return };
        let method = method.to_ascii_lowercase();
        let args: &[Arg<'_, '_>] = &call.args;
        let key = argument(args, 0, &["key", "name"]).map_or(Key::Computed, literal::key);
        match (class.as_str(), method.as_str()) {
            ("env", "get") => {
                let found = with_default(self.found(key, expression.span, "Env::get()"), args);
                self.read(found, context);
            }
            ("env", "getorfail") => {
                let mut found = self.found(key, expression.span, "Env::getOrFail()");
                found.required = true;
                self.read(found, context);
            }
            ("app", "env") => {
                let found = self.found(key, expression.span, "App::env()");
                self.read(found, context);
            }
            _ => {}
        }
    }

    /// `$dotenv->required(['A', 'B'])` of phpdotenv.
    pub(super) fn method_call(&mut self, call: &MethodCallExpr<'_, '_>) {
        let ExprKind::Variable(object) = &call.object.kind else { return };
        if !object.to_ascii_lowercase().ends_with("dotenv") || call.method.name_str() != Some("required") {
            return;
        }
        let Some(keys) = call.args.first().and_then(Arg::value) else { return };
        let keys: Vec<&Expr<'_, '_>> = match &keys.kind {
            ExprKind::Array(elements) => elements.iter().map(ArrayElement::value).collect(),
            _ => vec![keys],
        };
        for key in keys {
            let mut found = self.found(literal::key(key), key.span, "$dotenv->required()");
            found.required = true;
            found.asks = true;
            self.findings.reads.push(found);
        }
    }

    /// `#[Autowire(env: 'KEY')]` of Symfony.
    pub(super) fn autowire(&mut self, attribute: &Attribute<'_, '_>) {
        if self.class(&attribute.name).as_deref() != Some("autowire") {
            return;
        }
        let key = attribute.args.iter().find(|arg| is_named(arg, "env")).and_then(Arg::value);
        if let Some((key, name)) = key.and_then(|key| Some((key, literal::string(key)?))) {
            // Processors stand before the name, as in `%env(int:KEY)%`.
            let name = name.rsplit(':').next().unwrap_or(name);
            let mut found = self.found(Key::Named(name.to_owned()), key.span, "%env()%");
            found.required = true;
            self.findings.reads.push(found);
        }
    }

    fn filter_input(&mut self, expression: &Expr<'_, '_>, args: &[Arg<'_, '_>], context: &Context) {
        let [kind, key, ..] = args else { return };
        let Some(ExprKind::Name(kind)) = kind.value().map(|kind| &kind.kind) else { return };
        let key = key.value().map_or(Key::Computed, literal::key);
        let kept = match kind.to_string_repr().trim_start_matches('\\') {
            "INPUT_ENV" => true,
            "INPUT_SERVER" => matches!(&key, Key::Named(name) if !server::is_of_the_request(name)),
            _ => false,
        };
        if kept {
            let found = self.found(key, expression.span, "filter_input()");
            self.read(found, context);
        }
    }
}

/// The argument at a place, or with one of the names.
fn argument<'e, 'a, 's>(args: &'e [Arg<'a, 's>], place: usize, names: &[&str]) -> Option<&'e Expr<'a, 's>> {
    let named = args.iter().find(|arg| names.iter().any(|name| is_named(arg, name)));
    let arg = named.or_else(|| args.get(place).filter(|arg| arg.name.is_none()))?;
    if arg.is_spread() { None } else { arg.value() }
}

fn is_named(arg: &Arg<'_, '_>, name: &str) -> bool {
    arg.name.as_ref().is_some_and(|given| given.to_string_repr() == name)
}

/// With the default that is the second argument.
fn with_default(found: Found, args: &[Arg<'_, '_>]) -> Found {
    match argument(args, 1, &["default"]) {
        Some(default) => found.with(match literal::default_of(default) {
            Care::Nothing => Care::Expression,
            care => care,
        }),
        None => found,
    }
}
