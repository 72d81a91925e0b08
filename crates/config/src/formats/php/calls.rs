//! Functions: those that look into the environment, and a few whose result is plain.

use php_ast::resolve::{NameContext, ResolvedName};
use php_ast::{Arg, Expr, ExprKind, FunctionCallExpr, Span, StaticMethodCallExpr};

use super::evaluate::argument;
use super::file::File;
use super::value::{LookUp, Value};
use crate::variable::Step;

/// Names in `$_SERVER` that the web server sets.
const OF_REQUEST: &[&str] = &[
    "HTTP_",
    "REQUEST_",
    "SERVER_",
    "REMOTE_",
    "SCRIPT_",
    "DOCUMENT_",
    "PATH_",
    "QUERY_",
    "PHP_",
    "GATEWAY_",
    "AUTH_",
    "CONTENT_",
    "ORIG_",
];

/// Functions that are named in what is said: any other name may be a piece of a value whose quotes are broken.
const NAMED: &[&str] = &[
    "app_path",
    "array_filter",
    "array_map",
    "array_merge",
    "base_path",
    "config",
    "config_path",
    "database_path",
    "date",
    "dirname",
    "explode",
    "extension_loaded",
    "file_exists",
    "file_get_contents",
    "function_exists",
    "gethostname",
    "ini_get",
    "is_file",
    "json_decode",
    "parse_url",
    "php_sapi_name",
    "public_path",
    "rand",
    "realpath",
    "resource_path",
    "storage_path",
    "sys_get_temp_dir",
    "time",
    "uniqid",
    "url",
];

impl File<'_, '_, '_> {
    fn look_up(&self, name: String, or_false: bool, span: Span) -> Value {
        let spot = self.spot(span);
        Value::LookUp(Box::new(LookUp { name, steps: Vec::new(), default: None, or_false, or_file: false, spot }))
    }

    /// `$_ENV['X']`, `$_SERVER['X']`.
    pub(super) fn superglobal(&mut self, expression: &Expr<'_, '_>) -> Option<Value> {
        let ExprKind::ArrayAccess(access) = &expression.kind else { return None };
        let ExprKind::Variable(array) = &access.array.kind else { return None };
        let of_server = match array.as_str() {
            "_ENV" => false,
            "_SERVER" => true,
            _ => return None,
        };
        let key = access.index.map(|index| self.value(index)).and_then(|key| key.plain());
        let Some(key) = key else { return Some(self.unknown("a look-up of a name that is made up", expression.span)) };
        let of_request = matches!(key.as_str(), "HTTPS" | "argv" | "argc")
            || OF_REQUEST.iter().any(|prefix| key.starts_with(prefix));
        if of_server && of_request {
            return Some(self.unknown("it is told by each request", expression.span));
        }
        Some(self.look_up(key, false, expression.span))
    }

    /// A call of a function by its name.
    pub(super) fn call(&mut self, call: &FunctionCallExpr<'_, '_>, span: Span) -> Value {
        let name = if let ExprKind::Name(name) = &call.name.kind { self.function(name) } else { None };
        let args: &[Arg<'_, '_>] = &call.args;
        let first = argument(args, 0, &["key", "name", "varname", "constant_name", "string", "env", "value"]);
        match (name.as_deref().unwrap_or_default(), first) {
            ("getenv" | "apache_getenv", Some(key)) => self.of_environment(key, true, span),
            ("env", Some(key)) => self.of_env(key, args, span),
            ("getenv_docker", Some(key)) => match self.of_environment(key, false, span) {
                Value::LookUp(mut look_up) => {
                    look_up.or_file = true;
                    look_up.default = argument(args, 1, &["default"]).map(|default| self.value(default));
                    Value::LookUp(look_up)
                }
                other => other,
            },
            ("define", Some(key)) => {
                let value = argument(args, 1, &["value"]).map_or(Value::Null, |value| self.value(value));
                if let Some(name) = self.value(key).plain() {
                    let spot = self.spot(key.span);
                    self.define(name, value, spot);
                }
                Value::Bool(true)
            }
            ("defined", Some(key)) => match self.value(key).plain() {
                Some(name) => self.is_defined(&name, span),
                None => self.unknown("a condition", span),
            },
            ("constant", Some(key)) => {
                match self.value(key).plain().and_then(|name| self.constants.get(&name).cloned()) {
                    Some(value) => value,
                    None => self.unknown("a constant that the file does not define", span),
                }
            }
            ("intval", Some(inner)) if args.len() == 1 => self.after(inner, Step::Integer, span),
            ("boolval", Some(inner)) => self.after(inner, Step::Boolean, span),
            ("strval", Some(inner)) => self.after(inner, Step::Text, span),
            ("strtolower", Some(inner)) => self.after(inner, Step::Lower, span),
            ("trim", Some(inner)) if args.len() == 1 => self.after(inner, Step::Trim, span),
            ("sprintf", Some(format)) => self.formatted(format, args, span),
            (name, _) => match NAMED.iter().find(|known| **known == name) {
                Some(known) => Value::unknown(format!("a call of {known}()"), self.spot(span)),
                None => self.unknown("a call of a function", span),
            },
        }
    }

    fn of_environment(&mut self, key: &Expr<'_, '_>, or_false: bool, span: Span) -> Value {
        match self.value(key).plain() {
            Some(name) => self.look_up(name, or_false, span),
            None => self.unknown("a look-up of a name that is made up", span),
        }
    }

    /// `env('X', default)`, as Laravel has it.
    fn of_env(&mut self, key: &Expr<'_, '_>, args: &[Arg<'_, '_>], span: Span) -> Value {
        match self.of_environment(key, false, span) {
            Value::LookUp(mut look_up) => {
                look_up.steps.push(Step::Laravel);
                look_up.default = argument(args, 1, &["default"]).map(|default| self.value(default));
                Value::LookUp(look_up)
            }
            other => other,
        }
    }

    /// `sprintf()` with nothing but `%s` and `%%`.
    fn formatted(&mut self, format: &Expr<'_, '_>, args: &[Arg<'_, '_>], span: Span) -> Value {
        let Some(format) = self.value(format).plain() else { return self.unknown("a call of sprintf()", span) };
        let mut built = Value::text("");
        let mut next = 1;
        for (index, piece) in format.replace("%%", "\0").split('%').enumerate() {
            let mut rest = piece;
            if index > 0 {
                let (Some(after), Some(arg)) = (piece.strip_prefix('s'), argument(args, next, &[])) else {
                    return self.unknown("a call of sprintf()", span);
                };
                next += 1;
                let value = self.value(arg);
                built = self.concat(built, value, span);
                rest = after;
            }
            built = self.concat(built, Value::text(rest.replace('\0', "%")), span);
        }
        built
    }

    /// `Env::get('X', default)`, `Str::slug(...)` and such of Laravel.
    pub(super) fn static_call(&mut self, call: &StaticMethodCallExpr<'_, '_>, span: Span) -> Value {
        let (ExprKind::Name(class), Some(method)) = (&call.class.kind, call.method.name_str()) else {
            return self.unknown("a call of a method", span);
        };
        let class = match self.names.resolve_name(class, NameContext::Class) {
            ResolvedName::Fqn(name) => name.to_ascii_lowercase(),
            _ => String::new(),
        };
        let args: &[Arg<'_, '_>] = &call.args;
        let first = argument(args, 0, &["key", "title", "value"]);
        match (class.as_str(), method.to_ascii_lowercase().as_str(), first) {
            ("env" | "illuminate\\support\\env", "get", Some(key)) => self.of_env(key, args, span),
            ("env" | "illuminate\\support\\env", "getorfail", Some(key)) => self.of_env(key, &[], span),
            ("str" | "illuminate\\support\\str", "slug", Some(title)) if args.len() <= 2 => {
                let between = match argument(args, 1, &["separator"]).map(|between| self.value(between).plain()) {
                    None => Some('-'),
                    Some(between) => {
                        between.as_deref().and_then(|text| ['-', '_'].into_iter().find(|c| text == c.to_string()))
                    }
                };
                match between {
                    Some(between) => self.after(title, Step::Slug(between), span),
                    None => self.unknown("a call of Str::slug()", span),
                }
            }
            ("str" | "illuminate\\support\\str", "lower", Some(inner)) => self.after(inner, Step::Lower, span),
            _ => self.unknown("a call of a method", span),
        }
    }
}
