//! What offsets and properties do on what surely is no array and no object, and what they are keyed by.

use php_ast::{ArrayAccessExpr, ArrayElement, AssignExpr, AssignOp, Expr, ExprKind};

use super::super::examine::Examiner;
use super::super::literal;
use super::super::types::Type;
use super::numbers::{Numeric, numeric};

impl<'a> Examiner<'a> {
    pub(in super::super) fn assignment_does(&mut self, assign: &'a AssignExpr<'a, 'a>) {
        if !matches!(assign.op, AssignOp::Assign | AssignOp::Coalesce) {
            self.compound_does(assign.target, assign.op, assign.value);
        }
        match &assign.target.kind {
            ExprKind::ArrayAccess(access) => self.offset_written(access, assign),
            ExprKind::PropertyAccess(access) => {
                self.property_written(access.object, assign.target.span.start);
                self.property_made(access, assign.target.span.start);
            }
            ExprKind::Array(_) => match &literal::bare(assign.value).kind {
                ExprKind::String(_) => self.does("list-from-string", assign.target.span.start),
                ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_) => {
                    self.does("list-from-scalar", assign.target.span.start);
                }
                ExprKind::Variable(name) => match self.variable_type(name) {
                    Some(Type::Text(_)) => self.does("list-from-string", assign.target.span.start),
                    Some(Type::Int(_) | Type::Float | Type::Bool(_)) => {
                        self.does("list-from-scalar", assign.target.span.start);
                    }
                    _ => {}
                },
                _ => {}
            },
            ExprKind::Variable(name) if name.as_str() == "GLOBALS" => {
                self.does("globals-write", assign.target.span.start);
            }
            _ => {}
        }
        if assign.by_ref && is_globals(assign.value) {
            self.does("globals-write", assign.value.span.start);
        }
    }

    fn offset_written(&mut self, access: &'a ArrayAccessExpr<'a, 'a>, assign: &'a AssignExpr<'a, 'a>) {
        let at = assign.target.span.start;
        if is_globals(access.array) {
            if access.index.is_none() {
                self.does("globals-append", at);
            }
            return;
        }
        let ExprKind::Variable(name) = &access.array.kind else { return };
        match self.variable_type(name) {
            Some(Type::Text("")) => match access.index {
                None => self.does("empty-string-append", at),
                Some(index) if self.is_text_offset(index) => self.does("empty-string-offset", at),
                Some(_) => {}
            },
            Some(Type::Text(_)) => match access.index {
                Some(index) if self.is_text_offset(index) => self.does("string-text-offset", at),
                Some(_) => match literal::string(assign.value) {
                    Some("") => self.does("string-offset-assign-empty", at),
                    Some(text) if text.len() > 1 => self.does("string-offset-assign-many", at),
                    _ => {}
                },
                None => {}
            },
            Some(Type::Bool(false)) => self.does("false-to-array", at),
            Some(Type::Bool(true) | Type::Int(_) | Type::Float) => self.does("scalar-offset-write", at),
            _ => {}
        }
        // It is an array now, or another text.
        if self.variable_type(name) != Some(Type::Array) {
            self.scope().forget(name);
        }
    }

    /// Whether an offset is a text that is no whole number.
    fn is_text_offset(&self, index: &'a Expr<'a, 'a>) -> bool {
        self.text_of(index).is_some_and(|text| numeric(text) != Numeric::Number)
    }

    fn property_written(&mut self, object: &'a Expr<'a, 'a>, at: u32) {
        let ExprKind::Variable(name) = &object.kind else { return };
        match self.variable_type(name) {
            Some(Type::Null | Type::Bool(false) | Type::Text("")) => self.does("null-property-write", at),
            Some(_) => {}
            None => {
                let frame = self.scopes.len() > 1 && self.scopes.last().is_some_and(|frame| !frame.sees_outer);
                let scope = self.scope();
                if frame
                    && !scope.is_open
                    && name.as_str() != "this"
                    && !scope.has_named(name)
                    && !name.starts_with('_')
                    && name.as_str() != "GLOBALS"
                {
                    self.does("null-property-write", at);
                }
            }
        }
    }

    /// An offset that is read.
    pub(in super::super) fn offset_read(&mut self, access: &'a ArrayAccessExpr<'a, 'a>, at: u32) {
        if let Some(index) = access.index {
            self.key_does(index);
            if !self.written
                && !self.quiet
                && is_globals(access.array)
                && let Some(name) = literal::string(index)
            {
                self.global_named(name, at);
            }
        }
        if self.quiet || self.written {
            return;
        }
        let held = match &access.array.kind {
            ExprKind::Variable(name) => self.variable_type(name),
            ExprKind::String(text) => text.to_str().map(Type::Text),
            ExprKind::Null => Some(Type::Null),
            ExprKind::Int(number) => Some(Type::Int(*number)),
            ExprKind::Bool(truth) => Some(Type::Bool(*truth)),
            _ => None,
        };
        match (held, access.index) {
            (Some(Type::Null | Type::Int(_) | Type::Float | Type::Bool(_)), Some(_)) => {
                self.does("scalar-offset-read", at);
            }
            (Some(Type::Text(_)), Some(index)) if self.is_text_offset(index) => self.does("string-text-offset", at),
            _ => {}
        }
    }

    /// A key of an array.
    pub(in super::super) fn key_does(&mut self, key: &'a Expr<'a, 'a>) {
        match &literal::bare(key).kind {
            ExprKind::Float(number) if number.fract() != 0.0 => self.does("float-array-key", key.span.start),
            ExprKind::Null => self.does("null-array-key", key.span.start),
            _ => {}
        }
    }

    /// `[-5 => 'a', 'b']`
    pub(in super::super) fn array_does(&mut self, elements: &'a [ArrayElement<'a, 'a>]) {
        let mut greatest: Option<i64> = None;
        for element in elements {
            match &element.key {
                Some(key) => {
                    self.key_does(key);
                    match literal::integer(key) {
                        Some(number) => greatest = Some(greatest.map_or(number, |other| other.max(number))),
                        None if literal::string(key).is_some() => {}
                        None => return,
                    }
                }
                None if element.is_spread() => return,
                None => {
                    if greatest.is_some_and(|number| number < -1) {
                        self.does("negative-array-index", element.span.start);
                    }
                    greatest = Some(greatest.map_or(0, |number| number.saturating_add(1)).max(0));
                }
            }
        }
    }
}

/// Whether this is `$GLOBALS` as a whole.
pub(super) fn is_globals(expression: &Expr<'_, '_>) -> bool {
    matches!(&expression.kind, ExprKind::Variable(name) if name.as_str() == "GLOBALS")
}
