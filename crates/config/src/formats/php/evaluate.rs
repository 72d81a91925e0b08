//! What expressions give, as far as that is told by the file alone.

use php_ast::resolve::{NameContext, ResolvedName};
use php_ast::{
    Arg, ArrayElement, ArrayElementKind, AssignExpr, AssignOp, BinaryExpr, BinaryOp, CastKind, Expr, ExprKind,
    MagicConstKind, Name, Span, StringPart, TernaryExpr, UnaryPrefixOp,
};

use super::super::text::{Fault, MOST_NODES, Spot};
use super::file::File;
use super::value::{Array, LookUp, Value};
use crate::variable::Step;

/// Expressions go no deeper than this.
const DEEPEST: usize = 100;

/// What is copied by way of variables, in all, is no more than this.
const MOST_COPIED: usize = 32 << 20;

impl File<'_, '_, '_> {
    pub(super) fn spot(&self, span: Span) -> Spot {
        self.offsets.spot(span.start as usize)
    }

    pub(super) fn unknown(&self, why: &'static str, span: Span) -> Value {
        Value::unknown(why, self.spot(span))
    }

    /// What an expression gives.
    pub(super) fn value(&mut self, expression: &Expr<'_, '_>) -> Value {
        if self.depth >= DEEPEST {
            let hint = "is this a file of the kind that sternway.toml says?";
            self.reading.fault(Fault::error(self.spot(expression.span), "an expression goes too deep here", hint));
            return self.unknown("an expression that goes too deep", expression.span);
        }
        self.depth += 1;
        let value = self.kind(expression);
        self.depth -= 1;
        value
    }

    fn kind(&mut self, expression: &Expr<'_, '_>) -> Value {
        let span = expression.span;
        match &expression.kind {
            ExprKind::Int(number) => Value::Int(*number),
            ExprKind::Float(number) => Value::Float(*number),
            ExprKind::String(text) => match text.to_str() {
                Some(text) => Value::text(text),
                None => self.unknown("bytes that are not UTF-8", span),
            },
            ExprKind::Nowdoc { value, .. } => Value::text(*value),
            ExprKind::InterpolatedString(parts) | ExprKind::Heredoc { parts, .. } => self.interpolated(parts, span),
            ExprKind::Bool(value) => Value::Bool(*value),
            ExprKind::Null => Value::Null,
            ExprKind::Parenthesized(inner) | ExprKind::ErrorSuppress(inner) => self.value(inner),
            ExprKind::Variable(name) => self.variable(name.as_str(), span),
            ExprKind::Name(name) => self.constant(name, span),
            ExprKind::Array(elements) => self.array(elements),
            ExprKind::ArrayAccess(access) => {
                if let Some(look_up) = self.superglobal(expression) {
                    return look_up;
                }
                let Some(index) = access.index else { return self.unknown("`[]` without a key", span) };
                match (self.value(access.array), self.key(index)) {
                    (Value::Array(mut array), Some(key)) if array.get(&key).is_some() => {
                        let spot = self.spot(span);
                        std::mem::replace(&mut array.entry(key, spot).value, Value::Null)
                    }
                    (Value::Unknown(why, spot), _) => Value::Unknown(why, spot),
                    _ => self.unknown("an entry of something that the file does not define", span),
                }
            }
            ExprKind::Binary(binary) => self.binary(expression, binary),
            ExprKind::UnaryPrefix(unary) => {
                let value = self.value(unary.operand);
                match (unary.op, value) {
                    (UnaryPrefixOp::Negate, Value::Int(number)) => Value::Int(number.wrapping_neg()),
                    (UnaryPrefixOp::Negate, Value::Float(number)) => Value::Float(-number),
                    (UnaryPrefixOp::Plus, number @ (Value::Int(_) | Value::Float(_))) => number,
                    (UnaryPrefixOp::BooleanNot, value) => value.after(Step::Not, self.spot(span)),
                    _ => self.unknown("a calculation", span),
                }
            }
            ExprKind::Cast(cast, inner) => self.cast(*cast, inner, span),
            ExprKind::NullCoalesce(coalesce) => {
                let left = self.value(coalesce.left);
                let or = self.value(coalesce.right);
                self.or(left, or, Step::UnlessNull, span)
            }
            ExprKind::Ternary(ternary) => self.ternary(ternary, span),
            ExprKind::Assign(assign) => self.assign(assign, span),
            ExprKind::FunctionCall(call) => self.call(call, span),
            ExprKind::StaticMethodCall(call) => self.static_call(call, span),
            ExprKind::ClassConstAccess(access) => {
                let (ExprKind::Name(class), Some(name)) = (&access.class.kind, access.member.name_str()) else {
                    return self.unknown("a constant of a class", span);
                };
                if name == "class" {
                    return match self.names.resolve_name(class, NameContext::Class) {
                        ResolvedName::Fqn(name) => Value::text(name),
                        _ => self.unknown("the name of a class", span),
                    };
                }
                let known = self.class_constant(&class.join_parts(), name);
                known.unwrap_or_else(|| self.unknown("a constant of a class that the file does not define", span))
            }
            ExprKind::Isset(asked) => match &asked[..] {
                [one] => match &one.kind {
                    ExprKind::Variable(name) if self.has_variable(name.as_str()) => Value::Bool(true),
                    _ => self.unknown("a question whether something is set", span),
                },
                _ => self.unknown("a question whether something is set", span),
            },
            ExprKind::Empty(inner) => self.value(inner).after(Step::Not, self.spot(span)),
            ExprKind::MagicConst(MagicConstKind::Dir | MagicConstKind::File) => {
                self.unknown("the file's own path", span)
            }
            ExprKind::Include(..) => self.unknown("another file", span),
            ExprKind::New(_) | ExprKind::AnonymousClass(_) => self.unknown("an object", span),
            ExprKind::Closure(_) | ExprKind::ArrowFunction(_) | ExprKind::CallableCreate(_) => {
                self.unknown("a function", span)
            }
            ExprKind::MethodCall(_) | ExprKind::NullsafeMethodCall(_) => self.unknown("a call of a method", span),
            ExprKind::ShellExec(_) => self.unknown("a command's output", span),
            ExprKind::Match(_) => self.unknown("a `match`", span),
            _ => self.unknown("an expression that is not evaluated", span),
        }
    }

    fn interpolated(&mut self, parts: &[StringPart<'_, '_>], span: Span) -> Value {
        let mut built = Value::text("");
        for part in parts {
            let part = match part {
                StringPart::Literal(text) => match text.to_str() {
                    Some(text) => Value::text(text),
                    None => self.unknown("bytes that are not UTF-8", span),
                },
                StringPart::Expr(inner) => self.value(inner),
                _ => self.unknown("a string that is not evaluated", span),
            };
            built = self.concat(built, part, span);
        }
        built
    }

    pub(super) fn concat(&mut self, left: Value, right: Value, span: Span) -> Value {
        let spot = self.spot(span);
        if self.is_too_much(left.weight(MOST_COPIED)) {
            return Value::unknown("too much text is put together", spot);
        }
        left.concat(right, spot, self.reading.file)
    }

    /// Counts what is copied; whether that was too much.
    fn is_too_much(&mut self, weight: usize) -> bool {
        self.copied = self.copied.saturating_add(weight);
        self.copied > MOST_COPIED
    }

    /// A copy of what a variable or constant has.
    fn copy(&mut self, value: Option<&Value>, span: Span) -> Option<Value> {
        if self.copied > MOST_COPIED {
            return Some(self.unknown("too much is copied", span));
        }
        let weight = value?.weight(MOST_COPIED);
        if self.is_too_much(weight) { Some(self.unknown("too much is copied", span)) } else { value.cloned() }
    }

    fn variable(&mut self, name: &str, span: Span) -> Value {
        let variables = std::mem::take(&mut self.variables);
        let value = self.copy(variables.get(name), span);
        self.variables = variables;
        value.unwrap_or_else(|| self.unknown("a variable that the file does not set", span))
    }

    fn constant(&mut self, name: &Name<'_, '_>, span: Span) -> Value {
        let name = name.to_string_repr();
        let name = name.rsplit('\\').next().unwrap_or_default();
        match name {
            "PHP_EOL" => return Value::text("\n"),
            "DIRECTORY_SEPARATOR" => return Value::text("/"),
            "PATH_SEPARATOR" => return Value::text(":"),
            _ => {}
        }
        let constants = std::mem::take(&mut self.constants);
        let value = self.copy(constants.get(name), span);
        self.constants = constants;
        value.unwrap_or_else(|| self.unknown("a constant that the file does not define", span))
    }

    fn class_constant(&mut self, class: &str, name: &str) -> Option<Value> {
        let class = class.rsplit('\\').next().unwrap_or_default();
        let class = match class {
            "self" | "static" => self.class.clone()?,
            class => class.to_owned(),
        };
        self.class_constants.get(&format!("{class}::{name}")).cloned()
    }

    fn array(&mut self, elements: &[ArrayElement<'_, '_>]) -> Value {
        let mut array = Array::default();
        for element in elements {
            self.entries += 1;
            if self.entries > MOST_NODES {
                return self.too_many(element.span);
            }
            let span = element.span;
            match &element.kind {
                ArrayElementKind::Spread(inner) => match self.value(inner) {
                    Value::Array(more) => {
                        for entry in more.entries {
                            let key = if entry.key.parse::<i64>().is_ok() { array.next_key() } else { entry.key };
                            array.entry(key, entry.spot).value = entry.value;
                        }
                    }
                    _ => return self.unknown("something unknown is spread into the array", span),
                },
                ArrayElementKind::ByRef(_) => return self.unknown("a reference in the array", span),
                ArrayElementKind::Value(inner) => {
                    let (key, spot) = match &element.key {
                        None => (array.next_key(), self.spot(inner.span)),
                        Some(key) => {
                            let spot = self.spot(key.span);
                            let Some(name) = self.key(key) else {
                                let message =
                                    "this key of an array is only known when the program runs: it is left out";
                                let hint = "write the key out, or know that its value is not compared";
                                self.reading.fault(Fault::note(spot, message, hint));
                                continue;
                            };
                            (name, spot)
                        }
                    };
                    if array.get(&key).is_some() {
                        let message = "this key is in the array already; the last counts";
                        self.reading.fault(Fault::warning(spot, message, "keep one of them"));
                    }
                    let value = self.value(inner);
                    let entry = array.entry(key, spot);
                    entry.spot = spot;
                    entry.value = value;
                }
                _ => return self.unknown("an array that is not evaluated", span),
            }
        }
        Value::Array(array)
    }

    pub(super) fn too_many(&mut self, span: Span) -> Value {
        if self.entries == MOST_NODES + 1 {
            self.entries += 1;
            let message = "there are more than 500,000 values in the file";
            self.reading.fault(Fault::error(self.spot(span), message, "name a file that holds configuration alone"));
        }
        self.unknown("too many values", span)
    }

    /// The text of a key.
    pub(super) fn key(&mut self, expression: &Expr<'_, '_>) -> Option<String> {
        match self.value(expression) {
            Value::Null => Some(String::new()),
            Value::Bool(value) => Some(i64::from(value).to_string()),
            Value::Int(number) => Some(number.to_string()),
            Value::Text(template) => template.plain(),
            Value::Unknown(..) => match &expression.kind {
                // Such as PDO::ATTR_TIMEOUT: a name is as good as its number.
                ExprKind::ClassConstAccess(access) => match &access.class.kind {
                    ExprKind::Name(class) => Some(format!("{}::{}", class.join_parts(), access.member.name_str()?)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    fn binary(&mut self, expression: &Expr<'_, '_>, binary: &BinaryExpr<'_, '_>) -> Value {
        let span = expression.span;
        match binary.op {
            BinaryOp::Concat => {
                // Chains lean to the left, and may be long.
                let mut sides = Vec::new();
                let mut node = expression;
                while let ExprKind::Binary(BinaryExpr { left, op: BinaryOp::Concat, right }) = &node.kind {
                    sides.push(*right);
                    node = left;
                }
                let mut value = self.value(node);
                while let Some(side) = sides.pop() {
                    let right = self.value(side);
                    value = self.concat(value, right, span);
                }
                value
            }
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod => {
                let (left, right) = (self.value(binary.left), self.value(binary.right));
                let (Value::Int(left), Value::Int(right)) = (left, right) else {
                    return self.unknown("a calculation", span);
                };
                let result = match binary.op {
                    BinaryOp::Add => left.checked_add(right),
                    BinaryOp::Sub => left.checked_sub(right),
                    BinaryOp::Mul => left.checked_mul(right),
                    BinaryOp::Div if left.checked_rem(right) == Some(0) => left.checked_div(right),
                    BinaryOp::Mod => left.checked_rem(right),
                    _ => None,
                };
                result.map_or_else(|| self.unknown("a calculation", span), Value::Int)
            }
            BinaryOp::Identical | BinaryOp::NotIdentical => {
                let (left, right) = (self.value(binary.left), self.value(binary.right));
                match left.identical(&right) {
                    Some(same) => Value::Bool(same == (binary.op == BinaryOp::Identical)),
                    None => self.unknown("a comparison", span),
                }
            }
            BinaryOp::BooleanAnd | BinaryOp::LogicalAnd | BinaryOp::BooleanOr | BinaryOp::LogicalOr => {
                let ends = matches!(binary.op, BinaryOp::BooleanOr | BinaryOp::LogicalOr);
                match self.value(binary.left).truth() {
                    Some(left) if left == ends => Value::Bool(ends),
                    Some(_) => self.value(binary.right).after(Step::Boolean, self.spot(span)),
                    None => {
                        self.uncertainly(|file| {
                            file.value(binary.right);
                        });
                        self.unknown("a condition", span)
                    }
                }
            }
            _ => self.unknown("a calculation or comparison", span),
        }
    }

    fn cast(&mut self, cast: CastKind, inner: &Expr<'_, '_>, span: Span) -> Value {
        let value = self.value(inner);
        let spot = self.spot(span);
        match cast {
            CastKind::Int => value.after(Step::Integer, spot),
            CastKind::Bool => value.after(Step::Boolean, spot),
            CastKind::String => value.after(Step::Text, spot),
            CastKind::Array | CastKind::Object if matches!(value, Value::Array(_)) => value,
            CastKind::Float if matches!(value, Value::Float(_)) => value,
            _ => self.unknown("a conversion", span),
        }
    }

    /// `left ?? or`, `left ?: or`.
    fn or(&mut self, left: Value, or: Value, step: Step, span: Span) -> Value {
        let falsy = step == Step::UnlessFalsy;
        match left {
            Value::LookUp(mut look_up) => {
                match &look_up.default {
                    None if look_up.or_false && !falsy => look_up.default = Some(Value::Bool(false)),
                    Some(default)
                        if if falsy { default.truth() == Some(true) } else { !matches!(default, Value::Null) } =>
                    {
                        if falsy || look_up.steps.contains(&Step::Laravel) {
                            return self.unknown("a look-up with two defaults", span);
                        }
                    }
                    Some(default) if falsy && default.truth().is_none() => {
                        return self.unknown("a look-up with two defaults", span);
                    }
                    _ => {
                        look_up.steps.push(step);
                        look_up.default = Some(or);
                    }
                }
                Value::LookUp(look_up)
            }
            Value::Null => or,
            Value::Unknown(..) => left,
            _ if !falsy => left,
            _ => match left.truth() {
                Some(true) => left,
                Some(false) => or,
                None => self.unknown("a condition", span),
            },
        }
    }

    fn ternary(&mut self, ternary: &TernaryExpr<'_, '_>, span: Span) -> Value {
        let Some(then) = ternary.then_expr else {
            let left = self.value(ternary.condition);
            let or = self.value(ternary.else_expr);
            return self.or(left, or, Step::UnlessFalsy, span);
        };
        if let Some((asked, step)) = self.asked(ternary.condition) {
            let (Value::LookUp(found), or) = (self.value(then), self.value(ternary.else_expr)) else {
                return self.unknown("a condition", span);
            };
            if found.name == asked.name && found.steps == asked.steps && found.default.is_none() {
                // The default stands for what is not set, as well as for what the step says.
                let mut look_up = found;
                look_up.steps.extend(step);
                look_up.default = Some(or);
                return Value::LookUp(look_up);
            }
            return self.unknown("a condition", span);
        }
        match self.value(ternary.condition).truth() {
            Some(true) => self.value(then),
            Some(false) => self.value(ternary.else_expr),
            None => self.unknown("a condition", span),
        }
    }

    /// The look-up whose presence a condition asks for: `isset($_ENV['X'])`, `getenv('X') !== false`, `getenv('X')`.
    fn asked(&mut self, condition: &Expr<'_, '_>) -> Option<(LookUp, Option<Step>)> {
        let asked = match &condition.kind {
            ExprKind::Parenthesized(inner) => return self.asked(inner),
            ExprKind::Isset(asked) => match &asked[..] {
                [one] => (self.value(one), None),
                _ => return None,
            },
            ExprKind::Binary(binary) if matches!(binary.op, BinaryOp::NotIdentical) => match &binary.right.kind {
                ExprKind::Bool(false) => (self.value(binary.left), None),
                _ => return None,
            },
            ExprKind::FunctionCall(_) | ExprKind::ArrayAccess(_) => (self.value(condition), Some(Step::UnlessFalsy)),
            _ => return None,
        };
        match asked {
            (Value::LookUp(look_up), step) if look_up.default.is_none() => Some((*look_up, step)),
            _ => None,
        }
    }

    pub(super) fn assign(&mut self, assign: &AssignExpr<'_, '_>, span: Span) -> Value {
        let mut value = self.value(assign.value);
        match assign.op {
            AssignOp::Assign if !assign.by_ref => {}
            AssignOp::Concat => {
                let left = self.value(assign.target);
                value = self.concat(left, value, span);
            }
            AssignOp::Coalesce => {
                let known = matches!(&assign.target.kind, ExprKind::Variable(name) if self.has_variable(name.as_str()));
                let left = self.value(assign.target);
                value = if known || matches!(left, Value::LookUp(_)) {
                    self.or(left, value, Step::UnlessNull, span)
                } else {
                    self.unknown("it is only set where it was not before", span)
                };
            }
            _ => value = self.unknown("a calculation or a reference", span),
        }
        let copy = self.copy(Some(&value), span);
        self.store(assign.target, value);
        copy.unwrap_or(Value::Null)
    }

    /// The function that a name calls, in small letters, when that can be the global one.
    pub(super) fn function(&self, name: &Name<'_, '_>) -> Option<String> {
        let name = match self.names.resolve_name(name, NameContext::Function) {
            ResolvedName::Fqn(name) => name,
            ResolvedName::Fallback { global, .. } => global,
            _ => return None,
        };
        (!name.contains('\\')).then(|| name.to_ascii_lowercase())
    }
}

/// The argument at a place, or with one of the names.
pub(super) fn argument<'e, 'a, 's>(args: &'e [Arg<'a, 's>], place: usize, names: &[&str]) -> Option<&'e Expr<'a, 's>> {
    let is_named = |arg: &&Arg<'_, '_>| arg.name.as_ref().is_some_and(|name| names.contains(&&*name.to_string_repr()));
    let arg = args.iter().find(is_named).or_else(|| args.get(place).filter(|arg| arg.name.is_none()))?;
    if arg.is_spread() { None } else { arg.value() }
}
