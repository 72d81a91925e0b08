//! Forms of expressions.

use php_ast::{
    ArrayElement, ArrayElementKind, AssignExpr, AssignOp, BinaryExpr, BinaryOp, CallableCreateKind, CastKind, Expr,
    ExprKind, NewExpr, TernaryExpr,
};

use super::super::examine::Examiner;
use super::super::literal;

impl<'a> Examiner<'a> {
    pub(in super::super) fn syntax_of_expression(&mut self, expression: &'a Expr<'a, 'a>) {
        let at = expression.span.start;
        match &expression.kind {
            ExprKind::Binary(binary) => self.binary_form(binary, at),
            ExprKind::Ternary(ternary) => self.ternary_form(ternary, at),
            ExprKind::NullCoalesce(_) => self.form("null-coalesce", at),
            ExprKind::Assign(assign) => self.assign_form(assign, at),
            ExprKind::ArrayAccess(access) => self.access_form(access, expression),
            ExprKind::Array(elements) => self.array_form(elements, expression),
            ExprKind::Cast(kind, inner) => self.cast_form(*kind, at, inner.span.start),
            ExprKind::Int(_) | ExprKind::Float(_) => self.number_form(expression),
            ExprKind::FunctionCall(call) => self.call_form(call, expression),
            ExprKind::MethodCall(call) => self.method_form(call.object, &call.args, expression),
            ExprKind::NullsafeMethodCall(call) => {
                self.form("nullsafe", at);
                self.method_form(call.object, &call.args, expression);
            }
            ExprKind::NullsafePropertyAccess(_) => self.form("nullsafe", at),
            ExprKind::PropertyAccess(access) => self.property_form(access.object, access.property, at),
            ExprKind::New(new) => self.new_form(new, expression),
            ExprKind::StaticMethodCall(call) => {
                self.static_form(call.class, at);
                self.arguments_form(&call.args, expression);
            }
            ExprKind::StaticMethodCallDynamic(call) => self.dynamic_static_form(call, expression),
            ExprKind::StaticPropertyAccess(access) => self.static_form(access.class, at),
            ExprKind::ClassConstAccess(access) => {
                self.static_form(access.class, at);
                if access.member.name_str().is_some_and(|name| name.eq_ignore_ascii_case("class")) {
                    match &access.class.kind {
                        ExprKind::Name(_) | ExprKind::Identifier(_) => self.form("class-name-constant", at),
                        _ => self.form("object-class-constant", at),
                    }
                }
            }
            ExprKind::ClassConstAccessDynamic { .. } => self.form("dynamic-class-constant", at),
            ExprKind::Closure(closure) => {
                self.form("closure", at);
                self.closure_form(closure, expression);
            }
            ExprKind::ArrowFunction(function) => {
                self.form("arrow-function", at);
                self.parameters_form(&function.params, false);
                self.returned_form(function.return_type.as_ref(), function.by_ref, at);
            }
            ExprKind::Match(_) => self.form("match", at),
            ExprKind::Throw(_) => self.form("throw-expression", at),
            ExprKind::Yield(yielded) => {
                self.form(if yielded.is_from { "yield-from" } else { "generator" }, at);
            }
            ExprKind::AnonymousClass(class) => {
                self.form(if class.modifiers.is_readonly { "readonly-anonymous-class" } else { "anonymous-class" }, at);
            }
            ExprKind::CallableCreate(create) => {
                let called = match &create.kind {
                    CallableCreateKind::Function(function) => function.span.start,
                    _ => at,
                };
                self.form("first-class-callable", called);
            }
            ExprKind::CloneWith(..) => self.form("clone-with", at),
            ExprKind::ShellExec(_) => self.form("backtick", at),
            ExprKind::String(_) | ExprKind::InterpolatedString(_) => self.string_form(expression),
            ExprKind::Heredoc { label, .. } => {
                self.string_form(expression);
                self.heredoc_form(label, expression);
            }
            ExprKind::Nowdoc { label, .. } => {
                self.form("nowdoc", at);
                self.heredoc_form(label, expression);
            }
            ExprKind::Empty(asked) if !is_variable(asked) => self.form("empty-expression", at),
            ExprKind::MagicConst(php_ast::MagicConstKind::Dir) => self.form("dir-constant", at),
            _ => {}
        }
    }

    fn binary_form(&mut self, binary: &'a BinaryExpr<'a, 'a>, at: u32) {
        match binary.op {
            BinaryOp::Concat => {
                let is = |side: &Expr<'_, '_>, ops: &[BinaryOp]| matches!(&side.kind, ExprKind::Binary(inner) if ops.contains(&inner.op));
                let shifts = [BinaryOp::ShiftLeft, BinaryOp::ShiftRight];
                if is(binary.right, &[BinaryOp::Add, BinaryOp::Sub])
                    || is(binary.right, &shifts)
                    || is(binary.left, &shifts)
                {
                    self.form("concat-precedence", binary.right.span.start);
                }
            }
            // As the parser of an older version reads the same.
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::ShiftLeft | BinaryOp::ShiftRight => {
                let is_concat =
                    |side: &Expr<'_, '_>| matches!(&side.kind, ExprKind::Binary(inner) if inner.op == BinaryOp::Concat);
                let shift = matches!(binary.op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight);
                if is_concat(binary.left) || (shift && is_concat(binary.right)) {
                    self.form("concat-precedence", binary.right.span.start);
                }
            }
            BinaryOp::Pow => self.form("power-operator", at),
            BinaryOp::Spaceship => self.form("spaceship", at),
            BinaryOp::Pipe => self.form("pipe-operator", at),
            BinaryOp::Instanceof if matches!(binary.right.kind, ExprKind::Parenthesized(_)) => {
                self.form("new-instanceof-expression", at);
            }
            _ => {}
        }
    }

    fn ternary_form(&mut self, ternary: &'a TernaryExpr<'a, 'a>, at: u32) {
        if ternary.then_expr.is_none() {
            self.form("short-ternary", at);
        }
        let nested = |inner: &'a Expr<'a, 'a>| match &inner.kind {
            ExprKind::Ternary(inner) => inner.then_expr.is_some() || ternary.then_expr.is_some(),
            _ => false,
        };
        if nested(ternary.condition) || nested(ternary.else_expr) {
            self.form("nested-ternary", at);
        }
    }

    fn assign_form(&mut self, assign: &'a AssignExpr<'a, 'a>, at: u32) {
        match assign.op {
            AssignOp::Coalesce => self.form("null-coalesce-assign", at),
            AssignOp::Pow => self.form("power-operator", at),
            _ => {}
        }
        if assign.by_ref && matches!(assign.value.kind, ExprKind::New(_)) {
            self.form("new-by-reference", at);
        }
        if let ExprKind::Array(elements) = &assign.target.kind {
            self.destructured(elements, assign.target);
        }
    }

    /// `list(...) = `, `[...] = `, also as the variable of a loop.
    pub(in super::super) fn destructured(&mut self, elements: &'a [ArrayElement<'a, 'a>], whole: &'a Expr<'a, 'a>) {
        let at = whole.span.start;
        if self.rest(at).starts_with('[') {
            self.form("short-list", at);
        }
        if elements.iter().any(|element| element.key.is_some()) {
            self.form("keyed-list", at);
        }
        if elements.iter().any(ArrayElement::is_by_ref) {
            self.form("list-reference", at);
        }
        if elements.iter().all(|element| matches!(element.value().kind, ExprKind::Omit)) {
            self.form("empty-list", at);
        }
        let mut appended = Vec::new();
        appends(elements, self.text, &mut appended);
        appended.sort_unstable();
        if appended.windows(2).any(|two| two[0] == two[1]) {
            self.form("list-append-order", at);
        }
        for element in elements {
            if let ExprKind::Array(inner) = &element.value().kind {
                self.destructured(inner, element.value());
            }
        }
    }

    fn access_form(&mut self, access: &'a php_ast::ArrayAccessExpr<'a, 'a>, whole: &'a Expr<'a, 'a>) {
        let at = access.array.span.end;
        let closes = self.text.as_bytes().get((whole.span.end as usize).wrapping_sub(1)) == Some(&b'}');
        if closes && self.byte_after(at) == Some(b'{') {
            self.form("curly-offset", at);
        }
        match &access.array.kind {
            ExprKind::FunctionCall(_) | ExprKind::MethodCall(_) | ExprKind::StaticMethodCall(_) => {
                self.form("call-dereference", whole.span.start);
            }
            ExprKind::Array(_) | ExprKind::String(_) => self.form("literal-dereference", whole.span.start),
            // `$$a['b']`, but not `${$a}['b']`
            ExprKind::VariableVariable(inner)
                if matches!(inner.kind, ExprKind::Variable(_))
                    && self.rest(access.array.span.start).starts_with("$$") =>
            {
                self.form("indirect-access", whole.span.start);
            }
            ExprKind::PropertyAccess(inner)
                if matches!(inner.property.kind, ExprKind::Variable(_))
                    && self.rest(inner.property.span.start).starts_with('$')
                    && self.byte_before(inner.property.span.start) != Some(b'{') =>
            {
                self.form("indirect-access", whole.span.start);
            }
            _ => {}
        }
        if let Some(index) = access.index
            && literal::integer(index).is_some_and(|index| index < 0)
            && matches!(access.array.kind, ExprKind::String(_))
        {
            self.form("negative-string-offset", index.span.start);
        }
    }

    fn array_form(&mut self, elements: &'a [ArrayElement<'a, 'a>], whole: &'a Expr<'a, 'a>) {
        if self.rest(whole.span.start).starts_with('[') {
            self.form("short-array", whole.span.start);
        }
        for element in elements {
            if let ArrayElementKind::Spread(inner) = &element.kind {
                self.form("array-unpacking", element.span.start);
                let has_text_key = |inner: &ArrayElement<'_, '_>| {
                    inner.key.as_ref().is_some_and(|key| matches!(key.kind, ExprKind::String(_)))
                };
                if matches!(&inner.kind, ExprKind::Array(inner) if inner.iter().any(has_text_key)) {
                    self.form("array-unpacking-string-keys", element.span.start);
                }
            }
        }
    }

    fn cast_form(&mut self, kind: CastKind, at: u32, inner: u32) {
        if kind == CastKind::Void {
            self.form("void-cast", at);
        }
        let written = self.source(at, inner).trim_start_matches('(').trim_start();
        let word: &str = written.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        if is("real") {
            self.form("real-cast", at);
        } else if is("unset") {
            self.form("unset-cast", at);
        } else if ["boolean", "integer", "double", "binary"].into_iter().any(is) {
            self.form("non-canonical-cast", at);
        }
    }

    fn number_form(&mut self, number: &'a Expr<'a, 'a>) {
        let text = self.source(number.span.start, number.span.end);
        if text.len() < 3 {
            return;
        }
        if text.contains('_') {
            self.form("numeric-separator", number.span.start);
        }
        match text.as_bytes()[..2] {
            [b'0', b'b' | b'B'] => self.form("binary-literal", number.span.start),
            [b'0', b'o' | b'O'] => self.form("octal-prefix", number.span.start),
            _ => {}
        }
    }

    fn new_form(&mut self, new: &'a NewExpr<'a, 'a>, whole: &'a Expr<'a, 'a>) {
        if matches!(new.class.kind, ExprKind::Parenthesized(_)) {
            self.form("new-instanceof-expression", whole.span.start);
        }
        self.arguments_form(&new.args, whole);
    }

    fn static_form(&mut self, class: &'a Expr<'a, 'a>, at: u32) {
        match &class.kind {
            ExprKind::Variable(_) => self.form("class-name-variable-static-call", at),
            ExprKind::StaticPropertyAccess(_) => self.form("uniform-variable", at),
            ExprKind::Name(name) if name.to_string_repr().eq_ignore_ascii_case("static") => {
                self.form("late-static-binding", at);
            }
            ExprKind::Identifier(name) if name.eq_ignore_ascii_case("static") => self.form("late-static-binding", at),
            _ => {}
        }
    }

    fn dynamic_static_form(&mut self, call: &'a php_ast::StaticMethodCallDynamicExpr<'a, 'a>, whole: &'a Expr<'a, 'a>) {
        self.static_form(call.class, whole.span.start);
        if self.byte_before(call.method.span.start) == Some(b'{') {
            self.form("static-call-expression", whole.span.start);
        } else if matches!(call.method.kind, ExprKind::ArrayAccess(_)) {
            self.form("indirect-access", whole.span.start);
        }
        if let ExprKind::StaticPropertyAccess(_) = &call.class.kind {
            self.form("indirect-access", whole.span.start);
        }
        self.arguments_form(&call.args, whole);
    }

    fn property_form(&mut self, object: &'a Expr<'a, 'a>, property: &'a Expr<'a, 'a>, at: u32) {
        self.dereferenced_form(object, at);
        if matches!(object.kind, ExprKind::VariableVariable(_))
            && self.rest(object.span.start).starts_with("$$")
            && !matches!(property.kind, ExprKind::Omit)
        {
            self.form("indirect-access", at);
        }
    }

    /// `(new C)->m()`, `new C()->m()`
    pub(in super::super) fn dereferenced_form(&mut self, object: &'a Expr<'a, 'a>, at: u32) {
        match &object.kind {
            ExprKind::New(_) => self.form("new-without-parentheses", at),
            ExprKind::Parenthesized(inner) if matches!(inner.kind, ExprKind::New(_)) => {
                self.form("new-dereference", at);
            }
            _ => {}
        }
    }
}

/// Whether `empty()` took it before it took any expression.
fn is_variable(expression: &Expr<'_, '_>) -> bool {
    matches!(
        expression.kind,
        ExprKind::Variable(_)
            | ExprKind::VariableVariable(_)
            | ExprKind::ArrayAccess(_)
            | ExprKind::PropertyAccess(_)
            | ExprKind::NullsafePropertyAccess(_)
            | ExprKind::StaticPropertyAccess(_)
            | ExprKind::StaticPropertyAccessDynamic { .. }
    )
}

/// The arrays that a list appends to, as they are written.
fn appends<'a>(elements: &'a [ArrayElement<'a, 'a>], text: &'a str, found: &mut Vec<&'a str>) {
    for element in elements {
        match &element.value().kind {
            ExprKind::ArrayAccess(access) if access.index.is_none() => {
                let span = access.array.span;
                found.extend(text.get(span.start as usize..span.end as usize));
            }
            ExprKind::Array(inner) => appends(inner, text, found),
            _ => {}
        }
    }
}
