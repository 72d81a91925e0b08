//! What operators do with literals, and with variables that surely hold one.

use php_ast::{AssignOp, BinaryExpr, BinaryOp, CastKind, Expr, ExprKind, UnaryPostfixOp, UnaryPrefixOp};

use super::super::examine::Examiner;
use super::super::literal;
use super::super::types::Type;
use super::numbers::{Numeric, numeric};

/// What an operand surely is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Operand<'a> {
    Text(&'a str),
    Int(i64),
    Float(f64),
    Array,
    Other,
    Unknown,
}

impl<'a> Examiner<'a> {
    pub(in super::super) fn operator_does(&mut self, binary: &'a BinaryExpr<'a, 'a>, at: u32) {
        use BinaryOp as Op;
        match binary.op {
            Op::Equal
            | Op::NotEqual
            | Op::Less
            | Op::LessOrEqual
            | Op::Greater
            | Op::GreaterOrEqual
            | Op::Spaceship => {
                self.compared(binary, at);
            }
            Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Mod | Op::Pow => self.calculated(binary, at),
            Op::BitwiseAnd | Op::BitwiseOr | Op::BitwiseXor | Op::ShiftLeft | Op::ShiftRight => self.bits(binary, at),
            Op::Concat => {
                for side in [binary.left, binary.right] {
                    self.shown_as_text(side);
                }
            }
            _ => {}
        }
    }

    fn operand(&self, expression: &'a Expr<'a, 'a>) -> Operand<'a> {
        let bare = literal::bare(expression);
        match &bare.kind {
            ExprKind::Int(number) => Operand::Int(*number),
            ExprKind::Float(number) => Operand::Float(*number),
            ExprKind::String(text) => text.to_str().map_or(Operand::Unknown, Operand::Text),
            ExprKind::Array(_) => Operand::Array,
            ExprKind::Bool(_) | ExprKind::Null => Operand::Other,
            ExprKind::UnaryPrefix(_) => literal::integer(bare).map_or(Operand::Unknown, Operand::Int),
            ExprKind::Variable(name) => match self.variable_type(name) {
                Some(Type::Text(text)) => Operand::Text(text),
                Some(Type::Int(number)) => Operand::Int(number),
                Some(Type::Array) => Operand::Array,
                Some(Type::Null | Type::Bool(_)) => Operand::Other,
                _ => Operand::Unknown,
            },
            _ => Operand::Unknown,
        }
    }

    fn compared(&mut self, binary: &'a BinaryExpr<'a, 'a>, at: u32) {
        self.compare_two(binary.left, binary.right, at);
        let is_interval = |side| matches!(self.type_of(side), Some(Type::Object(class, _)) if class.eq_ignore_ascii_case("DateInterval"));
        if binary.op != BinaryOp::NotEqual && is_interval(binary.left) && is_interval(binary.right) {
            self.does("class-of-datetime-interval-compare", at);
        }
    }

    /// A number beside a text that is none.
    pub(super) fn compare_two(&mut self, left: &'a Expr<'a, 'a>, right: &'a Expr<'a, 'a>, at: u32) {
        let is_number = |operand| matches!(operand, Operand::Int(_) | Operand::Float(_));
        let text = match (self.operand(left), self.operand(right)) {
            (Operand::Text(text), other) | (other, Operand::Text(text)) if is_number(other) => text,
            _ => return,
        };
        match numeric(text) {
            Numeric::Number => {}
            Numeric::Hexadecimal => self.does("hex-numeric-string", at),
            Numeric::Trailing => self.does("trailing-space-numeric-string", at),
            Numeric::Leading | Numeric::None => self.does("string-number-comparison", at),
        }
    }

    fn calculated(&mut self, binary: &'a BinaryExpr<'a, 'a>, at: u32) {
        let (left, right) = (self.operand(binary.left), self.operand(binary.right));
        for side in [left, right] {
            self.calculated_with(side, at);
        }
        let one_is = |test: fn(Operand<'_>) -> bool| test(left) || test(right);
        if one_is(|side| side == Operand::Array) {
            // Arrays can be added; to what is not known it may be one.
            let surely_no_array = |side| !matches!(side, Operand::Array | Operand::Unknown);
            if binary.op != BinaryOp::Add || surely_no_array(left) || surely_no_array(right) {
                self.does("array-arithmetic", at);
            }
        }
        let right_is_zero =
            matches!(right, Operand::Int(0)) || matches!(right, Operand::Float(number) if number == 0.0);
        match binary.op {
            BinaryOp::Mod => {
                if right_is_zero {
                    self.does("modulo-by-zero", at);
                }
                self.fractional(left, right, at);
            }
            BinaryOp::Div if right_is_zero => self.does("division-by-zero", at),
            BinaryOp::Pow => {
                if matches!((left, right), (Operand::Int(0), Operand::Int(power)) if power < 0) {
                    self.does("zero-to-negative-power", at);
                }
            }
            _ => {}
        }
    }

    /// Arithmetic with a text.
    fn calculated_with(&mut self, side: Operand<'_>, at: u32) {
        if let Operand::Text(text) = side {
            match numeric(text) {
                Numeric::Number => {}
                Numeric::Trailing => self.does("trailing-space-numeric-string", at),
                Numeric::Hexadecimal => self.does("hex-numeric-string", at),
                Numeric::Leading => self.does("leading-numeric-arithmetic", at),
                Numeric::None => self.does("non-numeric-arithmetic", at),
            }
        }
    }

    fn bits(&mut self, binary: &'a BinaryExpr<'a, 'a>, at: u32) {
        let (left, right) = (self.operand(binary.left), self.operand(binary.right));
        if left == Operand::Array || right == Operand::Array {
            self.does("array-arithmetic", at);
        }
        if matches!(binary.op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight)
            && let Operand::Int(by) = right
        {
            if by < 0 {
                self.does("negative-shift", at);
            } else if by >= 64 {
                self.does("big-shift", at);
            }
        }
        self.fractional(left, right, at);
    }

    fn fractional(&mut self, left: Operand<'_>, right: Operand<'_>, at: u32) {
        let has_fraction = |side| matches!(side, Operand::Float(number) if number.fract() != 0.0);
        if has_fraction(left) || has_fraction(right) {
            self.does("fractional-int-operand", at);
        }
    }

    /// An array where text is written.
    pub(in super::super) fn shown_as_text(&mut self, value: &'a Expr<'a, 'a>) {
        let is_array = match &literal::bare(value).kind {
            ExprKind::Array(_) => true,
            ExprKind::Variable(name) => self.variable_type(name) == Some(Type::Array),
            _ => false,
        };
        if is_array {
            self.does("array-to-string", value.span.start);
        }
    }

    /// `$x += 'abc'`
    pub(super) fn compound_does(&mut self, target: &'a Expr<'a, 'a>, op: AssignOp, value: &'a Expr<'a, 'a>) {
        let at = target.span.start;
        let (held, value_is) = (self.operand(target), self.operand(value));
        match op {
            AssignOp::Plus | AssignOp::Minus | AssignOp::Mul | AssignOp::Div | AssignOp::Mod | AssignOp::Pow => {
                self.calculated_with(held, at);
                self.calculated_with(value_is, at);
                let zero = matches!(value_is, Operand::Int(0));
                match op {
                    AssignOp::Mod if zero => self.does("modulo-by-zero", at),
                    AssignOp::Div if zero => self.does("division-by-zero", at),
                    _ => {}
                }
            }
            AssignOp::ShiftLeft | AssignOp::ShiftRight => {
                if matches!(value_is, Operand::Int(by) if by < 0) {
                    self.does("negative-shift", at);
                }
            }
            AssignOp::Concat => self.shown_as_text(value),
            _ => {}
        }
    }

    /// `++` and `--` on a text.
    pub(in super::super) fn stepped(&mut self, operand: &'a Expr<'a, 'a>) {
        let ExprKind::Variable(name) = &operand.kind else { return };
        if let Some(Type::Text(text)) = self.variable_type(name)
            && !text.is_empty()
            && numeric(text) != Numeric::Number
        {
            let at = operand.span.start;
            if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                self.does("non-numeric-string-increment", at);
            } else {
                self.does("string-increment", at);
            }
        }
    }

    pub(in super::super) fn cast_does(&mut self, kind: CastKind, inner: &'a Expr<'a, 'a>, at: u32) {
        let is_nan = |inner: &'a Expr<'a, 'a>| matches!(&inner.kind, ExprKind::Name(name) if self.names.constant(name).global == Some("NAN"));
        if is_nan(literal::bare(inner)) && !matches!(kind, CastKind::Float) {
            self.does("nan-cast", at);
        }
        if kind == CastKind::Int {
            match self.operand(inner) {
                Operand::Text(text) => self.read_as_int(text, at),
                Operand::Float(number) if number.abs() >= 9.3e18 => self.does("out-of-range-float-cast", at),
                _ => {}
            }
        }
        if kind == CastKind::String {
            self.shown_as_text(inner);
        }
    }

    /// `(int) '1e3'`, `intval('0x1A')`
    pub(super) fn read_as_int(&mut self, text: &str, at: u32) {
        match numeric(text) {
            Numeric::Number if text.contains(['e', 'E']) => self.does("scientific-numeric-string", at),
            _ => {}
        }
    }
}

/// Whether an operator steps a variable up or down.
pub(in super::super) fn steps_before(op: UnaryPrefixOp) -> bool {
    matches!(op, UnaryPrefixOp::PreIncrement | UnaryPrefixOp::PreDecrement)
}

/// The same behind the variable.
pub(in super::super) fn steps_after(op: UnaryPostfixOp) -> bool {
    matches!(op, UnaryPostfixOp::PostIncrement | UnaryPostfixOp::PostDecrement)
}
