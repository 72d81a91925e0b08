//! Forms of types.

use php_ast::{BuiltinType, TypeHint, TypeHintKind};

use super::super::examine::Examiner;

/// Where a type stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Place {
    Parameter,
    Return,
    Property,
}

impl<'a> Examiner<'a> {
    pub(in super::super) fn type_form(&mut self, hint: &'a TypeHint<'a, 'a>, place: Place) {
        match place {
            Place::Return => self.form("return-type", hint.span.start),
            Place::Property => self.form("typed-property", hint.span.start),
            Place::Parameter => {}
        }
        self.type_itself(hint, true, false);
    }

    fn type_itself(&mut self, hint: &'a TypeHint<'a, 'a>, alone: bool, in_union: bool) {
        let at = hint.span.start;
        match &hint.kind {
            TypeHintKind::Keyword(keyword, _) => match keyword {
                BuiltinType::Int | BuiltinType::Float | BuiltinType::String | BuiltinType::Bool => {
                    self.form("scalar-type", at);
                }
                BuiltinType::Void => self.form("void-type", at),
                BuiltinType::Never => self.form("never-type", at),
                BuiltinType::Mixed => self.form("mixed-type", at),
                BuiltinType::Object => self.form("object-type", at),
                BuiltinType::Iterable => self.form("iterable-type", at),
                BuiltinType::Callable => self.form("callable-type", at),
                BuiltinType::Static => self.form("static-return-type", at),
                BuiltinType::True => self.form("true-type", at),
                BuiltinType::Null | BuiltinType::False if alone => self.form("standalone-null-false-type", at),
                _ => {}
            },
            TypeHintKind::Nullable(inner) => {
                self.form("nullable-type", at);
                self.type_itself(inner, false, false);
            }
            TypeHintKind::Union(hints) => {
                self.form("union-type", at);
                hints.iter().for_each(|hint| self.type_itself(hint, false, true));
            }
            TypeHintKind::Intersection(hints) => {
                self.form(if in_union { "dnf-type" } else { "intersection-type" }, at);
                hints.iter().for_each(|hint| self.type_itself(hint, false, false));
            }
            _ => {}
        }
    }
}

/// Whether a type takes null.
pub(in super::super) fn takes_null(hint: &TypeHint<'_, '_>) -> bool {
    match &hint.kind {
        TypeHintKind::Nullable(_) => true,
        TypeHintKind::Keyword(keyword, _) => matches!(keyword, BuiltinType::Null | BuiltinType::Mixed),
        TypeHintKind::Union(hints) => hints.iter().any(takes_null),
        TypeHintKind::Named(name) => {
            ["mixed", "null"].iter().any(|word| name.to_string_repr().eq_ignore_ascii_case(word))
        }
        _ => false,
    }
}
