//! What a variable, a property or a call is known to hold.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use php_ast::{BuiltinType, TypeHint, TypeHintKind};

use super::condition::Condition;
use super::names::Names;
use crate::facts::hash_of;
use crate::seen::Confidence;

/// What something is known to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type<'a> {
    /// An object of this class, or of one that extends it.
    Object(&'a str, Confidence),
    /// A list of such.
    List(&'a str, Confidence),
    /// What a function returned that gave a resource before: the number of its row.
    Handle(u16),
    /// This text.
    Text(&'a str),
    /// This number.
    Int(i64),
    /// A number with a fraction.
    Float,
    /// This truth.
    Bool(bool),
    /// Null.
    Null,
    /// An array.
    Array,
}

impl<'a> Type<'a> {
    /// The class, when it is an object.
    pub(super) fn class(self) -> Option<&'a str> {
        match self {
            Self::Object(class, _) => Some(class),
            _ => None,
        }
    }

    /// The same, told by nothing better than a comment.
    pub(super) fn told(self) -> Self {
        match self {
            Self::Object(class, _) => Self::Object(class, Confidence::Medium),
            Self::List(class, _) => Self::List(class, Confidence::Medium),
            other => other,
        }
    }

    /// Whether it is a value that another assignment changes into something quite different: what is known of it ends with the branch.
    pub(super) fn is_value(self) -> bool {
        !matches!(self, Self::Object(..) | Self::List(..) | Self::Handle(_))
    }

    /// What a loop over it gives.
    pub(super) fn element(self) -> Option<Self> {
        match self {
            Self::List(class, confidence) => Some(Self::Object(class, confidence)),
            _ => None,
        }
    }
}

/// Names are hashed already.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// By a name's hash.
pub(super) type ByName<V> = HashMap<u64, V, BuildHasherDefault<Hashed>>;

/// Names by their hashes.
pub(super) type NameSet = HashSet<u64, BuildHasherDefault<Hashed>>;

/// The hash of a variable's name, which has a case.
pub(super) fn variable(name: &str) -> u64 {
    // Two names that differ by case alone are the same here; nobody writes both.
    hash_of(name)
}

/// What is known inside one function.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    variables: ByName<Type<'a>>,
    conditions: ByName<Condition>,
    /// The variables that got something, in order.
    changed: Vec<u64>,
    /// The variables that were named at all.
    named: NameSet,
    /// The variables that were assigned.
    written: NameSet,
    /// Whether variables may come from elsewhere: `extract()`, `include`, `$$name`.
    pub(super) is_open: bool,
}

impl<'a> Scope<'a> {
    pub(super) fn get(&self, name: &str) -> Option<Type<'a>> {
        if self.variables.is_empty() { None } else { self.variables.get(&variable(name)).copied() }
    }

    /// A variable gets something that is known, or not.
    pub(super) fn set(&mut self, name: &str, known: Option<Type<'a>>) {
        let name = variable(name);
        match known {
            Some(known) => {
                self.variables.insert(name, known);
                self.changed.push(name);
            }
            None if self.variables.is_empty() => {}
            None => {
                self.variables.remove(&name);
            }
        }
    }

    /// What a variable held may be another value now.
    pub(super) fn forget(&mut self, name: &str) {
        self.forget_hashed(variable(name));
    }

    /// The same by the name's hash.
    pub(super) fn forget_hashed(&mut self, name: u64) {
        if self.variables.get(&name).is_some_and(|known| known.is_value()) {
            self.variables.remove(&name);
        }
    }

    /// All values may be others now.
    pub(super) fn forget_values(&mut self) {
        self.variables.retain(|_, known| !known.is_value());
        self.is_open = true;
    }

    /// Whether any value is known.
    pub(super) fn knows_values(&self) -> bool {
        self.variables.values().any(|known| known.is_value())
    }

    /// Whether anything is known.
    pub(super) fn knows_anything(&self) -> bool {
        !self.variables.is_empty()
    }

    /// Where a branch begins.
    pub(super) fn mark(&self) -> usize {
        self.changed.len()
    }

    /// After a branch, what variables got in it is one of several values.
    pub(super) fn merge(&mut self, mark: usize) {
        for place in mark..self.changed.len() {
            self.forget_hashed(self.changed[place]);
        }
    }

    /// A variable is named; answers whether that was the first time.
    pub(super) fn name(&mut self, name: &str) -> bool {
        self.named.insert(variable(name))
    }

    /// A variable is assigned.
    pub(super) fn write(&mut self, name: &str) {
        self.name(name);
        self.written.insert(variable(name));
    }

    /// Whether a variable was assigned before.
    pub(super) fn has_written(&self, name: &str) -> bool {
        self.written.contains(&variable(name))
    }

    /// Whether a variable was named before.
    pub(super) fn has_named(&self, name: &str) -> bool {
        self.named.contains(&variable(name))
    }

    pub(super) fn condition(&self, name: &str) -> Option<&Condition> {
        if self.conditions.is_empty() { None } else { self.conditions.get(&variable(name)) }
    }

    pub(super) fn set_condition(&mut self, name: &str, condition: Condition) {
        if !condition.is_unknown() {
            self.conditions.insert(variable(name), condition);
        } else if !self.conditions.is_empty() {
            self.conditions.remove(&variable(name));
        }
    }
}

/// What a type declaration says.
pub(super) fn of_hint<'a>(hint: &'a TypeHint<'a, 'a>, names: &Names<'a>, class: Option<&'a str>) -> Option<Type<'a>> {
    match &hint.kind {
        TypeHintKind::Named(name) => Some(Type::Object(names.class(name), Confidence::High)),
        TypeHintKind::Keyword(BuiltinType::Self_ | BuiltinType::Static, _) => {
            class.map(|class| Type::Object(class, Confidence::High))
        }
        TypeHintKind::Nullable(hint) => of_hint(hint, names, class),
        // The first that is a class: of several, one is meant.
        TypeHintKind::Union(hints) | TypeHintKind::Intersection(hints) => {
            hints.iter().find_map(|hint| of_hint(hint, names, class)).map(Type::told)
        }
        _ => None,
    }
}
