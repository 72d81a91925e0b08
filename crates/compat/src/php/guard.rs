//! Conditions that ask about the version or about what exists.

use php_ast::{Arg, ArrayElement, AssignOp, BinaryOp, CastKind, Expr, ExprKind, FunctionCallExpr, UnaryPrefixOp};

use super::condition::{Aspect, Condition, Operator, compared, point};
use super::examine::Examiner;
use super::literal;
use super::names::Names;
use crate::facts::{Effect, Folded, Kind, hash_of};
use crate::version::Versions;

/// How deep a condition is looked into.
const DEPTH: u32 = 64;

/// Something of the running version, to be compared.
enum Running {
    Is(Aspect),
    /// `version_compare(PHP_VERSION, '8.0')`, which is -1, 0 or 1.
    Compared(i64),
}

impl<'a> Examiner<'a> {
    /// What a condition says about versions and symbols.
    pub(super) fn condition(&self, expression: &'a Expr<'a, 'a>) -> Condition {
        self.condition_within(expression, DEPTH)
    }

    fn condition_within(&self, expression: &'a Expr<'a, 'a>, depth: u32) -> Condition {
        let Some(depth) = depth.checked_sub(1) else { return Condition::unknown() };
        let inner = |expression| self.condition_within(expression, depth);
        match &expression.kind {
            ExprKind::Parenthesized(expression)
            | ExprKind::ErrorSuppress(expression)
            | ExprKind::Cast(CastKind::Bool, expression) => inner(expression),
            ExprKind::UnaryPrefix(unary) if unary.op == UnaryPrefixOp::BooleanNot => inner(unary.operand).negated(),
            ExprKind::Bool(value) => literally(*value),
            ExprKind::Int(value) => literally(*value != 0),
            ExprKind::Null => literally(false),
            ExprKind::Assign(assign) if assign.op == AssignOp::Assign => inner(assign.value),
            ExprKind::Binary(binary) => match binary.op {
                BinaryOp::BooleanAnd | BinaryOp::LogicalAnd => inner(binary.left).and(inner(binary.right)),
                BinaryOp::BooleanOr | BinaryOp::LogicalOr => inner(binary.left).or(inner(binary.right)),
                op => self.comparison(op, binary.left, binary.right, depth),
            },
            ExprKind::FunctionCall(call) => self.call_as_condition(call),
            ExprKind::Variable(name) => self.variable_as_condition(name),
            ExprKind::Name(name) => match self.names.constant(name).global {
                Some(name) => self.constant_as_condition(name),
                None => Condition::unknown(),
            },
            ExprKind::Isset(asked) => match &**asked {
                [one] => variable_asked(one)
                    .map_or_else(Condition::unknown, |name| Condition::exists(Kind::Variable, hash_of(name), None)),
                _ => Condition::unknown(),
            },
            ExprKind::Empty(asked) => match variable_asked(asked) {
                Some(name) => Condition::exists(Kind::Variable, hash_of(name), None).negated(),
                None => inner(asked).negated(),
            },
            _ => Condition::unknown(),
        }
    }

    fn comparison(&self, op: BinaryOp, left: &'a Expr<'a, 'a>, right: &'a Expr<'a, 'a>, depth: u32) -> Condition {
        let Some(operator) = operator(op) else { return Condition::unknown() };
        if let Some(condition) = self.against(left, operator, right) {
            return condition;
        }
        if let Some(condition) = self.against(right, operator.turned(), left) {
            return condition;
        }
        // `function_exists('x') === false`
        for (asked, value) in [(left, right), (right, left)] {
            if let ExprKind::Bool(value) = &literal::bare(value).kind {
                let condition = self.condition_within(asked, depth);
                return match (operator, *value) {
                    (Operator::Equal, true) | (Operator::NotEqual, false) => condition,
                    (Operator::Equal, false) | (Operator::NotEqual, true) => condition.negated(),
                    _ => Condition::unknown(),
                };
            }
        }
        Condition::unknown()
    }

    /// `running op value`
    pub(super) fn against(
        &self,
        running: &'a Expr<'a, 'a>,
        operator: Operator,
        value: &'a Expr<'a, 'a>,
    ) -> Option<Condition> {
        let running = self.running(running)?;
        let value = literal::bare(value);
        Some(match running {
            Running::Compared(with) => {
                let result = literal::integer(value)?;
                // Of -1, 0 and 1 those that the comparison lets pass.
                let passing = |sign| operator.holds(sign, result);
                let mut condition = Condition::on(Versions::NONE);
                for (sign, operator) in [(-1, Operator::Less), (0, Operator::Equal), (1, Operator::Greater)] {
                    if passing(sign) {
                        condition = condition.or(compared(Aspect::Text, operator, with));
                    }
                }
                condition
            }
            Running::Is(Aspect::Text) => compared(Aspect::Text, operator, self.version_written(value)?),
            Running::Is(aspect) => {
                let number =
                    self.number_of(value).or_else(|| self.text_of(value).and_then(|text| text.trim().parse().ok()))?;
                compared(aspect, operator, number)
            }
        })
    }

    /// A version written as text or number.
    fn version_written(&self, value: &'a Expr<'a, 'a>) -> Option<i64> {
        match &value.kind {
            ExprKind::Float(number) => point(&number.to_string()),
            ExprKind::Int(number) => point(&number.to_string()),
            _ => match self.text_of(value) {
                Some(text) => point(text),
                None => point(&self.number_of(value)?.to_string()),
            },
        }
    }

    fn running(&self, expression: &'a Expr<'a, 'a>) -> Option<Running> {
        let expression = literal::bare(expression);
        match &expression.kind {
            ExprKind::Name(name) => match self.names.constant(name).global? {
                "PHP_VERSION_ID" => Some(Running::Is(Aspect::Id)),
                "PHP_MAJOR_VERSION" => Some(Running::Is(Aspect::Major)),
                "PHP_MINOR_VERSION" => Some(Running::Is(Aspect::Minor)),
                "PHP_VERSION" => Some(Running::Is(Aspect::Text)),
                _ => None,
            },
            ExprKind::Cast(CastKind::Int, inner) => self.text(inner).then_some(Running::Is(Aspect::Major)),
            ExprKind::Cast(_, inner) => self.text(inner).then_some(Running::Is(Aspect::Text)),
            ExprKind::ArrayAccess(access) => {
                let first = access.index.is_some_and(|index| literal::integer(index) == Some(0));
                (first && self.text(access.array)).then_some(Running::Is(Aspect::Major))
            }
            ExprKind::FunctionCall(call) => self.running_call(call),
            _ => None,
        }
    }

    fn running_call(&self, call: &'a FunctionCallExpr<'a, 'a>) -> Option<Running> {
        let function = self.global_function(call)?;
        let argument = |place: usize| call.args.get(place).and_then(Arg::value);
        let is = |name: &str| function.eq_ignore_ascii_case(name);
        if is("phpversion") && call.args.is_empty() {
            return Some(Running::Is(Aspect::Text));
        }
        if is("version_compare") || is("strnatcmp") {
            if call.args.len() != 2 {
                return None;
            }
            let with = self.version_written(literal::bare(argument(1)?))?;
            return self.text(argument(0)?).then_some(Running::Compared(with));
        }
        if !argument(0).is_some_and(|first| self.text(first)) {
            return None;
        }
        if is("intval") || is("floor") {
            return Some(Running::Is(Aspect::Major));
        }
        if is("floatval") {
            return Some(Running::Is(Aspect::Text));
        }
        if is("substr") && argument(1).and_then(literal::integer) == Some(0) {
            return match argument(2).and_then(literal::integer)? {
                1 => Some(Running::Is(Aspect::Major)),
                3 => Some(Running::Is(Aspect::Text)),
                _ => None,
            };
        }
        None
    }

    /// Whether this is the running version as text.
    fn text(&self, expression: &'a Expr<'a, 'a>) -> bool {
        let expression = literal::bare(expression);
        match &expression.kind {
            ExprKind::Name(name) => self.names.constant(name).global == Some("PHP_VERSION"),
            ExprKind::FunctionCall(call) => {
                call.args.is_empty()
                    && self.global_function(call).is_some_and(|name| name.eq_ignore_ascii_case("phpversion"))
            }
            _ => false,
        }
    }

    fn call_as_condition(&self, call: &'a FunctionCallExpr<'a, 'a>) -> Condition {
        let Some(function) = self.global_function(call) else { return Condition::unknown() };
        let argument = |place: usize| call.args.get(place).and_then(Arg::value).map(literal::bare);
        let text = |place: usize| argument(place).and_then(|value| self.symbol_text(value));
        match &*function.to_ascii_lowercase() {
            "function_exists" => text(0).map_or_else(Condition::unknown, |name| self.exists(Kind::Function, name)),
            "is_callable" => argument(0).map_or_else(Condition::unknown, |value| self.callable(value)),
            "defined" => text(0).map_or_else(Condition::unknown, |name| self.constant_exists(name)),
            "class_exists" | "interface_exists" | "trait_exists" | "enum_exists" => {
                text(0).map_or_else(Condition::unknown, |name| self.exists(Kind::Class, name))
            }
            "extension_loaded" | "get_extension_funcs" => {
                text(0).map_or_else(Condition::unknown, |name| self.exists(Kind::Extension, name))
            }
            "method_exists" => match (argument(0).and_then(|class| self.class_of(class)), text(1)) {
                (Some(class), Some(method)) => self.member_exists(class, method),
                _ => Condition::unknown(),
            },
            "ini_get" | "get_cfg_var" => text(0).map_or_else(Condition::unknown, |name| {
                match self.lifetime(Kind::Ini, Folded::one(name)) {
                    // What is there may be on or off; what is not there is off.
                    Some(there) => Condition { yes: there, ..Condition::unknown() },
                    None => Condition::unknown(),
                }
            }),
            "in_array" => match (text(0), argument(1).map(|list| &list.kind)) {
                (Some(name), Some(ExprKind::FunctionCall(list)))
                    if self
                        .global_function(list)
                        .is_some_and(|name| name.eq_ignore_ascii_case("get_loaded_extensions")) =>
                {
                    self.exists(Kind::Extension, name)
                }
                _ => Condition::unknown(),
            },
            "version_compare" => self.version_compare(call).unwrap_or_else(Condition::unknown),
            _ => Condition::unknown(),
        }
    }

    /// `version_compare(PHP_VERSION, '8.0', '>=')`
    fn version_compare(&self, call: &'a FunctionCallExpr<'a, 'a>) -> Option<Condition> {
        let [one, other, operator] = &*call.args else { return None };
        let operator = Operator::parse(literal::string(literal::bare(operator.value()?))?)?;
        let (one, other) = (one.value()?, other.value()?);
        if self.text(one) {
            return Some(compared(Aspect::Text, operator, self.version_written(literal::bare(other))?));
        }
        let with = self.version_written(literal::bare(one))?;
        self.text(other).then(|| compared(Aspect::Text, operator.turned(), with))
    }

    /// The text of a string, or the class of `X::class`.
    fn symbol_text(&self, value: &'a Expr<'a, 'a>) -> Option<&'a str> {
        match &value.kind {
            ExprKind::ClassConstAccess(access) if access.member.name_str() == Some("class") => match &access.class.kind
            {
                ExprKind::Name(name) => Some(self.names.class(name)),
                _ => None,
            },
            _ => self.text_of(value).map(Names::class_of_text),
        }
    }

    fn callable(&self, value: &'a Expr<'a, 'a>) -> Condition {
        match &value.kind {
            ExprKind::Array(elements) => match &**elements {
                [class, method] => {
                    let class = self.class_of(literal::bare(ArrayElement::value(class)));
                    let method = self.text_of(literal::bare(ArrayElement::value(method)));
                    match (class, method) {
                        (Some(class), Some(method)) => self.member_exists(class, method),
                        _ => Condition::unknown(),
                    }
                }
                _ => Condition::unknown(),
            },
            _ => match self.text_of(value).map(Names::class_of_text) {
                Some(name) => match name.split_once("::") {
                    Some((class, method)) => self.member_exists(class, method),
                    None => self.exists(Kind::Function, name),
                },
                None => Condition::unknown(),
            },
        }
    }

    /// The class that a first argument of `method_exists` names or holds.
    fn class_of(&self, value: &'a Expr<'a, 'a>) -> Option<&'a str> {
        self.symbol_text(value).or_else(|| self.type_of(value).and_then(super::types::Type::class))
    }

    fn exists(&self, kind: Kind, name: &str) -> Condition {
        let own = match kind {
            Kind::Function => self.own.declares_function(name),
            Kind::Class => self.own.declares_class(name),
            _ => false,
        };
        let there = self.lifetime(kind, Folded::one(name));
        let condition = Condition::exists(kind, hash_of(name), there);
        // What the code declares itself may be there on any version.
        if own { Condition { yes: Versions::ALL, ..condition } } else { condition }
    }

    fn constant_exists(&self, name: &str) -> Condition {
        if let Some((class, constant)) = name.split_once("::") {
            let folded = Folded::member(class, constant);
            return Condition::exists(Kind::ClassConstant, folded.hash(), self.lifetime(Kind::ClassConstant, folded));
        }
        if name.starts_with("PHP_")
            && ["PHP_VERSION", "PHP_VERSION_ID", "PHP_MAJOR_VERSION", "PHP_MINOR_VERSION"].contains(&name)
        {
            return Condition::on(Versions::ALL);
        }
        let there = self.lifetime(Kind::Constant, Folded::one(name));
        Condition::exists(Kind::Constant, hash_of(name), there)
    }

    fn member_exists(&self, class: &str, method: &str) -> Condition {
        let folded = Folded::member(class, method);
        Condition::exists(Kind::Method, folded.hash(), self.lifetime(Kind::Method, folded))
    }

    /// The versions on which a symbol exists; `None` when the table says nothing of that.
    pub(super) fn lifetime(&self, kind: Kind, name: Folded<'_>) -> Option<Versions> {
        let mut there: Option<Versions> = None;
        for number in self.facts.about(kind, name) {
            let row = self.facts.row(number);
            if !row.when.is_always() {
                continue;
            }
            let before = there.unwrap_or(Versions::ALL);
            match row.effect {
                Effect::Added | Effect::Removed if there.is_none() || row.effect == Effect::Removed => {
                    there = Some(before.and(self.facts.matters(number).others()));
                }
                // It came back.
                Effect::Added => there = Some(before.or(Versions::from(row.version))),
                _ => {}
            }
        }
        there
    }

    /// The global function that a call names.
    pub(super) fn global_function(&self, call: &'a FunctionCallExpr<'a, 'a>) -> Option<&'a str> {
        match &call.name.kind {
            ExprKind::Name(name) => self.names.function(name).global,
            _ => None,
        }
    }
}

/// The global variable that `isset($x)`, `isset($GLOBALS['x'])` ask for.
fn variable_asked<'a>(asked: &'a Expr<'a, 'a>) -> Option<&'a str> {
    match &asked.kind {
        ExprKind::Variable(name) => Some(name.as_str()),
        ExprKind::ArrayAccess(access) => match &access.array.kind {
            ExprKind::Variable(name) if name.as_str() == "GLOBALS" => access.index.and_then(literal::string),
            _ => variable_asked(access.array),
        },
        _ => None,
    }
}

fn literally(value: bool) -> Condition {
    Condition::on(if value { Versions::ALL } else { Versions::NONE })
}

fn operator(op: BinaryOp) -> Option<Operator> {
    Some(match op {
        BinaryOp::Less => Operator::Less,
        BinaryOp::LessOrEqual => Operator::LessOrEqual,
        BinaryOp::Equal | BinaryOp::Identical => Operator::Equal,
        BinaryOp::NotEqual | BinaryOp::NotIdentical => Operator::NotEqual,
        BinaryOp::GreaterOrEqual => Operator::GreaterOrEqual,
        BinaryOp::Greater => Operator::Greater,
        _ => return None,
    })
}
