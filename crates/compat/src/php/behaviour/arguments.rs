//! What PHP's own functions do with arguments that they do not take.

use php_ast::{Arg, BinaryExpr, BinaryOp, Expr, ExprKind, Param};

use super::super::examine::{Examiner, Meeting};
use super::super::literal;
use super::super::objects;
use super::super::types::Type;
use super::numbers::{Numeric, numeric};
use super::offsets::is_globals;
use crate::facts::{Folded, Internal, Kind};
use crate::seen::Confidence;

impl<'a> Examiner<'a> {
    /// A call of a function that may be one of PHP's own.
    pub(in super::super) fn signature_of_call(
        &mut self,
        name: &'a str,
        args: &'a [Arg<'a, 'a>],
        at: u32,
        meeting: Meeting<'a>,
    ) {
        if self.own.declares_function(name) {
            self.own_function_called(name, args, at);
            return;
        }
        self.known_call(name, args, at);
        let Some(signature) = Internal::known().signature(name) else { return };
        let rule = |examiner: &mut Self, key, at| {
            examiner.meet(Kind::Behaviour, Folded::one(key), at, Meeting { written: None, ..meeting });
        };
        if args.iter().any(|arg| arg.is_spread() || arg.is_placeholder() || arg.name.is_some()) {
            return;
        }
        // What has rows of its own about the number of arguments says more.
        let has_rows = !self.facts.about(Kind::Call, Folded::one(name)).is_empty();
        if args.len() < signature.required && !has_rows {
            rule(self, "internal-too-few-arguments", at);
        } else if signature.most().is_some_and(|most| args.len() > most) && !has_rows {
            rule(self, "internal-too-many-arguments", at);
        }
        for (place, value) in args.iter().enumerate().filter_map(|(place, arg)| Some((place, arg.value()?))) {
            if signature.by_reference(place) {
                match &value.kind {
                    ExprKind::FunctionCall(call) if self.gives_no_variable(call) => {
                        rule(self, "reference-from-call", value.span.start);
                    }
                    ExprKind::MethodCall(_) | ExprKind::StaticMethodCall(_) => {
                        rule(self, "reference-from-call", value.span.start);
                    }
                    ExprKind::Parenthesized(inner) if matches!(inner.kind, ExprKind::FunctionCall(_)) => {
                        self.form("function-in-parentheses", value.span.start);
                    }
                    _ if is_globals(value) => rule(self, "globals-write", value.span.start),
                    _ => {}
                }
            } else if signature.refuses_null(place) {
                match self.surely(value) {
                    Some(Type::Null) => rule(self, "null-for-scalar", at),
                    Some(Type::Array) if signature.refuses_array(place) => rule(self, "array-for-scalar", at),
                    _ => {}
                }
            }
        }
    }

    /// What an argument surely is: a literal, or a variable that was assigned one.
    fn surely(&self, value: &'a Expr<'a, 'a>) -> Option<Type<'a>> {
        let value = literal::bare(value);
        match &value.kind {
            ExprKind::Null | ExprKind::Array(_) => self.type_of(value),
            ExprKind::Variable(name) => self.variable_type(name),
            _ => None,
        }
    }

    /// Whether a call gives no variable: own functions may return by reference.
    fn gives_no_variable(&self, call: &'a php_ast::FunctionCallExpr<'a, 'a>) -> bool {
        self.global_function(call).is_some_and(|name| Internal::known().signature(name).is_some())
    }

    /// Functions whose meaning depends on what their arguments hold.
    fn known_call(&mut self, name: &'a str, args: &'a [Arg<'a, 'a>], at: u32) {
        let argument = |place: usize| args.get(place).and_then(Arg::value);
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("is_resource") || is("get_resource_type") {
            if let Some(value) = argument(0) {
                let key = if is("is_resource") { "resource-became-object" } else { "resource-type-of-object" };
                self.still_a_resource(value, key, at);
            }
        } else if is("in_array") || is("array_search") {
            if let (Some(needle), Some(list), false) = (argument(0), argument(1), args.len() > 2)
                && let ExprKind::Array(elements) = &list.kind
            {
                elements.iter().for_each(|element| self.compare_two(needle, element.value(), at));
            }
        } else if is("is_numeric") || is("intval") {
            if let Some(text) = argument(0).and_then(|value| self.text_of(value)) {
                match numeric(text) {
                    Numeric::Hexadecimal if is("is_numeric") || args.len() < 2 => self.does("hex-numeric-string", at),
                    Numeric::Trailing if is("is_numeric") => self.does("trailing-space-numeric-string", at),
                    _ if is("intval") => self.read_as_int(text, at),
                    _ => {}
                }
            }
        } else if is("pow") {
            let number = |place| argument(place).and_then(literal::integer);
            if number(0) == Some(0) && number(1).is_some_and(|power| power < 0) {
                self.does("zero-to-negative-power", at);
            }
        } else if is("array_key_exists") && argument(0).is_some_and(|key| matches!(key.kind, ExprKind::Null)) {
            self.does("null-array-key", at);
        } else if is("func_get_args") || is("func_get_arg") {
            let written = self.function.wrote_parameters;
            let asked = argument(0).and_then(|value| self.number_of(value)).and_then(|place| u32::try_from(place).ok());
            let concerned = asked.map_or(written, |place| written & 1_u64.checked_shl(place).unwrap_or(0));
            if concerned != 0 {
                self.does("func-get-args-after-write", at);
            }
        } else if is("set_error_handler") || is("set_exception_handler") || is("ob_start") {
            if let Some(handler) = argument(0) {
                self.handler_given(name, handler);
            }
        } else if is("mysqli_connect") {
            self.mysqli_connects(at);
        } else if is("extract") || is("parse_str") || is("mb_parse_str") {
            self.scope().forget_values();
        }
    }

    /// `gettype($x) == 'resource'`
    pub(in super::super) fn type_name_compared(&mut self, left: &'a Expr<'a, 'a>, right: &'a Expr<'a, 'a>, at: u32) {
        for (call, text) in [(left, right), (right, left)] {
            if let ExprKind::FunctionCall(call) = &literal::bare(call).kind
                && literal::string(text).is_some_and(|text| text.eq_ignore_ascii_case("resource"))
                && self.global_function(call).is_some_and(|name| name.eq_ignore_ascii_case("gettype"))
                && let Some(value) = call.args.first().and_then(Arg::value)
            {
                self.still_a_resource(value, "resource-became-object", at);
            }
        }
    }

    fn still_a_resource(&mut self, value: &'a Expr<'a, 'a>, key: &'static str, at: u32) {
        if let ExprKind::Variable(name) = &value.kind
            && self.asked_objects.contains(&name.as_str())
        {
            return;
        }
        if let Some(Type::Handle(number)) = self.type_of(value) {
            let meeting = Meeting { since: objects::since(number), ..Meeting::surely() };
            self.meet(Kind::Behaviour, Folded::one(key), at, meeting);
        }
    }

    /// `error_reporting() == 0`: how a handler knew that `@` was written.
    pub(in super::super) fn error_level_asked(&mut self, binary: &'a BinaryExpr<'a, 'a>, at: u32) {
        if !matches!(binary.op, BinaryOp::Equal | BinaryOp::Identical | BinaryOp::NotEqual | BinaryOp::NotIdentical) {
            return;
        }
        for (call, zero) in [(binary.left, binary.right), (binary.right, binary.left)] {
            if literal::integer(zero) == Some(0) && self.is_error_level(call) {
                self.does("error-reporting-zero", at);
            }
        }
    }

    /// Whether this is `error_reporting()`.
    pub(in super::super) fn is_error_level(&self, call: &'a Expr<'a, 'a>) -> bool {
        match &literal::bare(call).kind {
            ExprKind::FunctionCall(call) => {
                call.args.is_empty()
                    && self.global_function(call).is_some_and(|name| name.eq_ignore_ascii_case("error_reporting"))
            }
            _ => false,
        }
    }

    /// A function of this file is called.
    fn own_function_called(&mut self, name: &str, args: &'a [Arg<'a, 'a>], at: u32) {
        if let Some(parameters) = self.own.parameters(name) {
            self.too_few(args, parameters, at);
        }
    }

    /// Errors of a database throw by default; whoever says in this file how errors are told knows.
    fn mysqli_connects(&mut self, at: u32) {
        let told = ["mysqli_report", "MYSQLI_REPORT", "report_mode", "mysqli_sql_exception"];
        if !told.iter().any(|word| memchr::memmem::find(self.text.as_bytes(), word.as_bytes()).is_some()) {
            self.rule(Kind::Behaviour, "mysqli-error-mode", at, Confidence::Medium);
        }
    }

    /// The same of PDO, whose options say it, or `setAttribute()` anywhere in the file.
    fn pdo_connects(&mut self, args: &'a [Arg<'a, 'a>], at: u32) {
        let by_option = match args.get(3).and_then(Arg::value).map(|value| &value.kind) {
            Some(ExprKind::Array(elements)) => elements.iter().filter_map(|element| element.key.as_ref()).any(|key| {
                matches!(&key.kind, ExprKind::ClassConstAccess(access) if access.member.name_str() == Some("ATTR_ERRMODE"))
            }),
            Some(_) => true,
            None => args.iter().any(|arg| arg.is_spread() || arg.name.is_some()),
        };
        let by_attribute = || {
            self.text.match_indices("setAttribute").any(|(at, _)| {
                let rest = self.text.get(at..).unwrap_or_default();
                let call = rest.split(';').next().unwrap_or_default();
                call.contains("ATTR_ERRMODE")
            })
        };
        if !by_option && !by_attribute() {
            self.rule(Kind::Behaviour, "pdo-error-mode", at, Confidence::Medium);
        }
    }

    /// An object is made.
    pub(in super::super) fn constructed(&mut self, class: &'a str, args: &'a [Arg<'a, 'a>], at: u32) {
        if class.eq_ignore_ascii_case("PDO") {
            self.pdo_connects(args, at);
        } else if class.eq_ignore_ascii_case("mysqli") {
            self.mysqli_connects(at);
        }
        if let Some(parameters) = self.line(class, |own| own.parameters("__construct")) {
            self.too_few(args, parameters, at);
        }
    }

    fn too_few(&mut self, args: &'a [Arg<'a, 'a>], parameters: &'a [Param<'a, 'a>], at: u32) {
        let is_required = |parameter: &Param<'_, '_>| parameter.default.is_none() && !parameter.variadic;
        let required = parameters.iter().rposition(is_required).map_or(0, |last| last + 1);
        let unknown = args.iter().any(|arg| arg.is_spread() || arg.is_placeholder() || arg.name.is_some());
        if !unknown && args.len() < required {
            self.rule(Kind::Behaviour, "too-few-arguments", at, Confidence::High);
        }
    }

    /// What is passed by reference may be another value afterwards.
    pub(in super::super) fn may_be_written(&mut self, name: Option<&'a str>, args: &'a [Arg<'a, 'a>]) {
        if !self.scopes.last().is_some_and(|frame| frame.known.knows_values()) {
            return;
        }
        let signature =
            name.filter(|name| !self.own.declares_function(name)).and_then(|name| Internal::known().signature(name));
        for (place, arg) in args.iter().enumerate() {
            if let Some(ExprKind::Variable(variable)) = arg.value().map(|value| &value.kind)
                && signature.is_none_or(|signature| signature.by_reference(place))
            {
                self.scope().forget(variable);
            }
        }
    }
}
