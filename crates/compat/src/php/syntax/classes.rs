//! Forms of classes and their members.

use php_ast::{ClassConstDecl, ClassDecl, MethodDecl, Modifiers, PropertyDecl};

use super::super::examine::Examiner;
use super::types::Place;

/// Words that could not name a method or a class constant before 7.0.
const RESERVED: &[&str] = &[
    "abstract",
    "and",
    "array",
    "as",
    "break",
    "callable",
    "case",
    "catch",
    "class",
    "clone",
    "const",
    "continue",
    "declare",
    "default",
    "die",
    "do",
    "echo",
    "else",
    "elseif",
    "empty",
    "enddeclare",
    "endfor",
    "endforeach",
    "endif",
    "endswitch",
    "endwhile",
    "eval",
    "exit",
    "extends",
    "final",
    "finally",
    "for",
    "foreach",
    "function",
    "global",
    "goto",
    "if",
    "implements",
    "include",
    "include_once",
    "instanceof",
    "insteadof",
    "interface",
    "isset",
    "list",
    "namespace",
    "new",
    "or",
    "print",
    "private",
    "protected",
    "public",
    "require",
    "require_once",
    "return",
    "static",
    "switch",
    "throw",
    "trait",
    "try",
    "unset",
    "use",
    "var",
    "while",
    "xor",
    "yield",
];

impl<'a> Examiner<'a> {
    pub(in super::super) fn class_form(&mut self, class: &'a ClassDecl<'a, 'a>, at: u32) {
        if class.modifiers.is_readonly && class.name.is_some() {
            self.form("readonly-class", at);
        }
    }

    pub(in super::super) fn modifiers_form(&mut self, modifiers: Modifiers, at: u32, promoted: bool) {
        if modifiers.is_readonly {
            self.form("readonly-property", at);
        }
        if modifiers.set_visibility.is_some() {
            self.form(if modifiers.is_static { "static-asymmetric-visibility" } else { "asymmetric-visibility" }, at);
        }
        if promoted && modifiers.is_final {
            self.form("final-promoted-property", at);
        }
    }

    pub(in super::super) fn property_declaration_form(&mut self, property: &'a PropertyDecl<'a, 'a>, at: u32) {
        if let Some(hint) = &property.type_hint {
            self.type_form(hint, Place::Property);
        }
        self.modifiers_form(property.modifiers, at, false);
        if !property.hooks.is_empty() {
            self.form("property-hook", at);
        }
        if let Some(value) = &property.default {
            self.constant_form(value);
        }
    }

    pub(in super::super) fn class_constant_form(&mut self, constant: &'a ClassConstDecl<'a, 'a>, in_trait: bool) {
        let at = constant.name.span.start;
        if constant.modifiers.visibility.is_some() {
            self.form("class-constant-visibility", at);
        }
        if constant.modifiers.is_final {
            self.form("final-class-constant", at);
        }
        if constant.type_hint.is_some() {
            self.form("typed-class-constant", at);
        }
        if in_trait {
            self.form("trait-constant", at);
        }
        self.reserved_form(constant.name.as_str(), at);
        if matches!(constant.value.kind, php_ast::ExprKind::Array(_)) {
            self.form("constant-array", constant.value.span.start);
        }
        self.constant_form(&constant.value);
    }

    pub(in super::super) fn method_declaration_form(
        &mut self,
        method: &'a MethodDecl<'a, 'a>,
        in_trait: bool,
        at: u32,
    ) {
        self.reserved_form(method.name.as_str(), method.name.span.start);
        self.parameters_form(&method.params, true);
        self.trailing_form(&method.params);
        self.returned_form(method.return_type.as_ref(), method.by_ref, at);
        let modifiers = &method.modifiers;
        let is_private = modifiers.visibility == Some(php_ast::Visibility::Private);
        let is_constructor = method.name.as_str().is_some_and(|name| name.eq_ignore_ascii_case("__construct"));
        if modifiers.is_final && is_private && !is_constructor {
            self.form("final-private-method", method.name.span.start);
        }
        if in_trait && modifiers.is_abstract && is_private {
            self.form("trait-abstract-private", method.name.span.start);
        }
    }

    fn reserved_form(&mut self, name: Option<&str>, at: u32) {
        if name.is_some_and(|name| RESERVED.iter().any(|word| word.eq_ignore_ascii_case(name))) {
            self.form("reserved-member-name", at);
        }
    }
}
