//! Methods that override others, magic methods, constructors of PHP 4.

use php_ast::{
    BuiltinType, ClassDecl, ClassMember, ClassMemberKind, MethodDecl, Modifiers, Name, TraitAdaptationKind, TypeHint,
    TypeHintKind, Visibility,
};

use super::super::examine::{Examiner, Meeting};
use super::super::syntax::takes_null;
use crate::facts::{Folded, Internal, Kind, Term};

impl<'a> Examiner<'a> {
    /// What a class as a whole does.
    pub(in super::super) fn class_does(&mut self, class: &'a ClassDecl<'a, 'a>, name: &'a str, at: u32) {
        let methods = || class.body.members.iter().filter_map(method_of);
        let declares = |wanted: &str| methods().any(|method| is_named(method, wanted));
        // A method named as its class, where nothing else constructs.
        if let Some(own) = class.name.and_then(|name| name.as_str())
            && self.names.namespace().is_empty()
            && !declares("__construct")
            && let Some(method) = methods().find(|method| is_named(method, own))
        {
            self.form("php4-constructor", method.name.span.start);
        }
        let line = || class.implements.iter().map(|parent| self.names.class(parent));
        let serializable = line().any(|parent| parent.eq_ignore_ascii_case("Serializable"));
        let has = |examiner: &Self, wanted: &str| {
            let inherited = || examiner.has_method(name, wanted);
            declares(wanted) || (!name.is_empty() && inherited())
        };
        if serializable && !(has(self, "__serialize") && has(self, "__unserialize")) {
            self.does("serializable-only", at);
        }
        if let Some(extends) = &class.extends {
            let folded = Folded::one(self.names.class(extends));
            for row in self.facts.about(Kind::Class, folded) {
                self.row(row, folded.hash(), at, &Meeting::surely(), |when| {
                    when.terms().iter().any(|term| matches!(term, Term::Extended))
                });
            }
        }
        self.traits_do(class);
        for (old, new) in [("__sleep", "__serialize"), ("__wakeup", "__unserialize")] {
            if let Some(method) = methods().find(|method| is_named(method, old))
                && !has(self, new)
            {
                self.does("sleep-wakeup", method.name.span.start);
            }
        }
    }

    /// What a class takes from traits of this file.
    fn traits_do(&mut self, class: &'a ClassDecl<'a, 'a>) {
        let used: Vec<_> = class
            .body
            .members
            .iter()
            .filter_map(|member| match &member.kind {
                ClassMemberKind::TraitUse(used) => Some(used),
                _ => None,
            })
            .collect();
        for adaptation in used.iter().flat_map(|used| used.adaptations.iter()) {
            if let TraitAdaptationKind::Alias { trait_name: None, method, .. } = &adaptation.kind
                && let Some(method) = method.parts_slice().last()
            {
                let declare = |name: &'a Name<'a, 'a>| {
                    self.own.class(self.names.class(name)).is_some_and(|own| own.declaration(method).is_some())
                };
                let many = used.iter().flat_map(|used| used.traits.iter()).filter(|name| declare(name)).count();
                if many > 1 {
                    self.form("trait-ambiguous-alias", adaptation.span.start);
                }
            }
        }
        let traits: Vec<&'a str> =
            used.iter().flat_map(|used| used.traits.iter()).map(|name| self.names.class(name)).collect();
        for method in class.body.members.iter().filter_map(method_of) {
            let Some(name) = method.name.as_str() else { continue };
            for class in &traits {
                let Some(wanted) = self.own.class(class).and_then(|own| own.declaration(name)) else { continue };
                if wanted.modifiers.is_abstract && !self.overrides_well(method, wanted) {
                    self.does("trait-abstract-signature", method.name.span.start);
                }
            }
        }
    }

    /// What one method does in a class with this line of ancestors.
    pub(in super::super) fn method_does(
        &mut self,
        method: &'a MethodDecl<'a, 'a>,
        ancestors: &[&'a str],
        in_interface: bool,
    ) {
        let Some(name) = method.name.as_str() else { return };
        let at = method.name.span.start;
        if name.starts_with("__") {
            self.magic(method, name, at);
        }
        if !in_interface || !ancestors.is_empty() {
            self.fits_internal(method, name, ancestors, at);
        }
        self.fits_own(method, name, ancestors, at);
    }

    /// Whether a method returns what PHP's own that it overrides returns.
    fn fits_internal(&mut self, method: &'a MethodDecl<'a, 'a>, name: &'a str, ancestors: &[&'a str], at: u32) {
        let internal = Internal::known();
        let Some(wanted) = ancestors
            .iter()
            .find_map(|class| if self.own.class(class).is_some() { None } else { internal.tentative(class, name) })
        else {
            return;
        };
        if method.modifiers.visibility == Some(Visibility::Private) {
            return;
        }
        let excused = method
            .attributes
            .iter()
            .any(|attribute| self.names.class(&attribute.name).eq_ignore_ascii_case("ReturnTypeWillChange"));
        if excused || method.return_type.as_ref().is_some_and(|hint| fits(hint, wanted)) {
            return;
        }
        self.does("internal-return-type", at);
    }

    /// Whether a method fits the one of this file's that it overrides.
    fn fits_own(&mut self, method: &'a MethodDecl<'a, 'a>, name: &'a str, ancestors: &[&'a str], at: u32) {
        for class in ancestors {
            let Some(own) = self.own.class(class) else { continue };
            let Some(parent) = own.declaration(name) else { continue };
            let is_private = parent.modifiers.visibility == Some(Visibility::Private);
            let abstractly = parent.modifiers.is_abstract || own.is_interface;
            let is_constructor = name.eq_ignore_ascii_case("__construct") || name.eq_ignore_ascii_case(class);
            if is_private || (is_constructor && !abstractly) {
                return;
            }
            if !self.overrides_well(method, parent) {
                // What traits ask for is looked at since 8.0 alone; the rest fails since.
                self.does("incompatible-override", at);
            }
            return;
        }
    }

    fn overrides_well(&self, method: &'a MethodDecl<'a, 'a>, parent: &'a MethodDecl<'a, 'a>) -> bool {
        let required = |method: &'a MethodDecl<'a, 'a>| {
            method
                .params
                .iter()
                .rposition(|parameter| parameter.default.is_none() && !parameter.variadic)
                .map_or(0, |last| last + 1)
        };
        let variadic = method.params.last().is_some_and(|parameter| parameter.variadic);
        if required(method) > required(parent)
            || (method.params.len() < parent.params.len() && !variadic)
            || method.modifiers.is_static != parent.modifiers.is_static
            || (parent.by_ref && !method.by_ref)
        {
            return false;
        }
        for (own, other) in method.params.iter().zip(parent.params.iter()) {
            if own.by_ref != other.by_ref {
                return false;
            }
            match (&own.type_hint, &other.type_hint) {
                (None, _) => {}
                (Some(own), None) => {
                    // A type where none was: only one that takes all.
                    if !is_keyword(own, BuiltinType::Mixed) {
                        return false;
                    }
                }
                (Some(own), Some(other)) => {
                    if !self.is_as_wide(own, other) {
                        return false;
                    }
                }
            }
        }
        match (&method.return_type, &parent.return_type) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(other)) => self.is_as_wide(other, own),
        }
    }

    /// Whether a type surely takes all that another one takes, or may do so.
    fn is_as_wide(&self, wide: &'a TypeHint<'a, 'a>, narrow: &'a TypeHint<'a, 'a>) -> bool {
        let (wide_words, narrow_words) = (self.words(wide), self.words(narrow));
        narrow_words
            .iter()
            .all(|word| wide_words.iter().any(|wide| covers(wide, word) || self.may_be_related(wide, word)))
    }

    /// Classes may be related in ways that this file does not show.
    fn may_be_related(&self, wide: &str, narrow: &str) -> bool {
        let is_class = |word: &str| !is_type_word(word);
        if !is_class(narrow) {
            return false;
        }
        if matches!(wide, "object" | "mixed")
            || (wide == "iterable" && is_class(narrow))
            || (wide == "callable" && narrow == "closure")
        {
            return true;
        }
        if !is_class(wide) {
            return matches!(wide, "self" | "static" | "parent");
        }
        if matches!(narrow, "self" | "static" | "parent") || matches!(wide, "self" | "static" | "parent") {
            return true;
        }
        // Known to be unrelated only when this file has the whole line of the narrower one.
        let mut line = vec![narrow.to_owned()];
        let mut at = 0;
        while let Some(class) = line.get(at).cloned() {
            at += 1;
            if class.eq_ignore_ascii_case(wide) {
                return true;
            }
            match self.own.class(&class) {
                Some(own) => line.extend(own.parents.iter().map(|parent| parent.to_ascii_lowercase())),
                None if Internal::known().is_class(&class) => {
                    line.extend(Internal::known().parents(&class).iter().map(|parent| parent.to_ascii_lowercase()));
                }
                None => return true,
            }
            if line.len() > 64 {
                return true;
            }
        }
        false
    }

    /// The words of a type, in small letters; classes by their full names.
    fn words(&self, hint: &'a TypeHint<'a, 'a>) -> Vec<String> {
        match &hint.kind {
            TypeHintKind::Named(name) => vec![self.names.class(name).to_ascii_lowercase()],
            TypeHintKind::Keyword(keyword, _) => vec![keyword.as_str().to_owned()],
            TypeHintKind::Nullable(inner) => {
                let mut words = self.words(inner);
                words.push("null".to_owned());
                words
            }
            TypeHintKind::Union(hints) | TypeHintKind::Intersection(hints) => {
                hints.iter().flat_map(|hint| self.words(hint)).collect()
            }
            _ => vec!["mixed".to_owned()],
        }
    }

    fn magic(&mut self, method: &'a MethodDecl<'a, 'a>, name: &'a str, at: u32) {
        let lower = name.to_ascii_lowercase();
        let Modifiers { is_static, visibility, .. } = method.modifiers;
        let hidden = visibility.is_some_and(|visibility| visibility != Visibility::Public);
        let Some(known) = MAGIC.iter().find(|known| known.name == lower) else { return };
        if known.is_static != is_static {
            self.form("magic-method-static", at);
        }
        if hidden && !known.may_hide {
            self.form("magic-method-visibility", at);
        }
        if let Some(count) = known.parameters
            && method.params.len() != count.len()
        {
            self.form(if lower == "__tostring" { "tostring-parameters" } else { "magic-method-arguments" }, at);
        }
        let typed = known.parameters.unwrap_or_default();
        let wrong_parameter = method.params.iter().zip(typed).any(|(parameter, wanted)| {
            parameter.type_hint.as_ref().is_some_and(|hint| {
                let words = self.words(hint);
                !words.iter().any(|word| covers(word, wanted))
            })
        });
        let wrong_return = match (&method.return_type, known.returns) {
            (Some(hint), Some(wanted)) => !fits(hint, wanted),
            (Some(_), None) => matches!(lower.as_str(), "__construct" | "__destruct"),
            (None, _) => false,
        };
        if wrong_parameter || wrong_return {
            self.form("magic-method-types", at);
        }
    }
}

/// What a magic method has to be.
struct Magic {
    name: &'static str,
    is_static: bool,
    may_hide: bool,
    /// Their types, when their number is fixed.
    parameters: Option<&'static [&'static str]>,
    returns: Option<&'static str>,
}

const fn magic(
    name: &'static str,
    parameters: Option<&'static [&'static str]>,
    returns: Option<&'static str>,
) -> Magic {
    Magic { name, is_static: false, may_hide: false, parameters, returns }
}

const MAGIC: &[Magic] = &[
    Magic { name: "__construct", is_static: false, may_hide: true, parameters: None, returns: None },
    Magic { name: "__destruct", is_static: false, may_hide: true, parameters: None, returns: None },
    Magic { name: "__clone", is_static: false, may_hide: true, parameters: None, returns: Some("void") },
    magic("__get", Some(&["string"]), None),
    magic("__set", Some(&["string", "mixed"]), Some("void")),
    magic("__isset", Some(&["string"]), Some("bool")),
    magic("__unset", Some(&["string"]), Some("void")),
    magic("__call", Some(&["string", "array"]), None),
    Magic {
        name: "__callstatic",
        is_static: true,
        may_hide: false,
        parameters: Some(&["string", "array"]),
        returns: None,
    },
    magic("__tostring", Some(&[]), Some("string")),
    magic("__invoke", None, None),
    magic("__sleep", Some(&[]), Some("array")),
    magic("__wakeup", Some(&[]), Some("void")),
    magic("__serialize", Some(&[]), Some("array")),
    magic("__unserialize", Some(&["array"]), Some("void")),
    Magic {
        name: "__set_state",
        is_static: true,
        may_hide: false,
        parameters: Some(&["array"]),
        returns: Some("object"),
    },
    magic("__debuginfo", Some(&[]), Some("?array")),
];

pub(super) fn method_of<'a>(member: &'a ClassMember<'a, 'a>) -> Option<&'a MethodDecl<'a, 'a>> {
    match &member.kind {
        ClassMemberKind::Method(method) => Some(method),
        _ => None,
    }
}

fn is_named(method: &MethodDecl<'_, '_>, name: &str) -> bool {
    method.name.as_str().is_some_and(|own| own.eq_ignore_ascii_case(name))
}

fn is_keyword(hint: &TypeHint<'_, '_>, wanted: BuiltinType) -> bool {
    match &hint.kind {
        TypeHintKind::Keyword(keyword, _) => *keyword == wanted,
        TypeHintKind::Named(name) => name.to_string_repr().eq_ignore_ascii_case(wanted.as_str()),
        _ => false,
    }
}

fn is_type_word(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "int", "float", "string", "bool", "void", "never", "mixed", "object", "iterable", "callable", "array", "null",
        "true", "false", "self", "static", "parent",
    ];
    WORDS.contains(&word)
}

/// Whether one word of a type takes all that another takes.
fn covers(wide: &str, narrow: &str) -> bool {
    wide.eq_ignore_ascii_case(narrow)
        || wide == "mixed"
        || matches!(
            (wide, narrow),
            ("bool", "true" | "false") | ("iterable", "array") | (_, "never") | ("float", "int-never")
        )
}

/// Whether a declared type fits a documented one: is it, or is narrower.
fn fits(hint: &TypeHint<'_, '_>, wanted: &str) -> bool {
    if wanted == "mixed" {
        return !matches!(&hint.kind, TypeHintKind::Keyword(BuiltinType::Void, _));
    }
    let nullable = wanted.starts_with('?') || wanted.split('|').any(|part| part == "null");
    if takes_null(hint) && !nullable {
        return false;
    }
    let parts: Vec<String> = wanted.trim_start_matches('?').split('|').map(str::to_ascii_lowercase).collect();
    fits_one(hint, &parts)
}

fn fits_one(hint: &TypeHint<'_, '_>, parts: &[String]) -> bool {
    match &hint.kind {
        TypeHintKind::Keyword(keyword, _) => {
            let word = keyword.as_str();
            matches!(keyword, BuiltinType::Never)
                || matches!(keyword, BuiltinType::Null)
                || parts.iter().any(|part| covers(part, word))
                || (matches!(keyword, BuiltinType::Static | BuiltinType::Self_)
                    && parts.iter().any(|part| !is_type_word(part) || part == "static" || part == "object"))
        }
        // A class may be one that extends the documented one.
        TypeHintKind::Named(_) => {
            parts.iter().any(|part| !is_type_word(part) || matches!(part.as_str(), "object" | "iterable" | "static"))
        }
        TypeHintKind::Nullable(inner) => fits_one(inner, parts),
        TypeHintKind::Union(hints) => hints.iter().all(|hint| fits_one(hint, parts)),
        TypeHintKind::Intersection(hints) => hints.iter().any(|hint| fits_one(hint, parts)),
        _ => true,
    }
}
