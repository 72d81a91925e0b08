//! One row of the table.

use super::When;
use crate::version::Version;

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A key of a rule about behaviour that the scanner's code knows.
    Behaviour,
    /// A call under a condition on its arguments.
    Call,
    /// A class, interface, trait or enum.
    Class,
    /// `Class::NAME`.
    ClassConstant,
    /// A global constant.
    Constant,
    /// An extension.
    Extension,
    /// A directive with which PHP does not start.
    FatalIni,
    /// A function.
    Function,
    /// A directive of php.ini.
    Ini,
    /// `Class::name`.
    Method,
    /// `Class::$name`.
    Property,
    /// A key of a rule about syntax that the scanner's code knows.
    Syntax,
    /// `$name`.
    Variable,
    /// A reserved word.
    Word,
}

/// What a version did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It came.
    Added,
    /// It works otherwise than before.
    Changed,
    /// It works and says that it will not for long.
    Deprecated,
    /// It is there and fails.
    Error,
    /// It is gone.
    Removed,
}

/// One fact.
#[derive(Debug, Clone)]
pub struct Row<'t> {
    /// What it is about.
    pub kind: Kind,
    /// The symbol's name, or the key of a rule.
    pub name: &'t str,
    /// Under which condition.
    pub when: When<'t>,
    /// Since which version.
    pub version: Version,
    /// What happened to it.
    pub effect: Effect,
    /// What to know, in one clause without the name; empty when the effect says it all.
    pub message: &'t str,
    /// What to write instead; empty when there is nothing.
    pub replacement: &'t str,
    /// Where it is documented.
    pub source: &'t str,
}

impl Kind {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Behaviour, "behaviour"),
        (Self::Call, "call"),
        (Self::Class, "class"),
        (Self::ClassConstant, "class-constant"),
        (Self::Constant, "constant"),
        (Self::Extension, "extension"),
        (Self::FatalIni, "fatal-ini"),
        (Self::Function, "function"),
        (Self::Ini, "ini"),
        (Self::Method, "method"),
        (Self::Property, "property"),
        (Self::Syntax, "syntax"),
        (Self::Variable, "variable"),
        (Self::Word, "word"),
    ];

    /// As it stands in the table.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind)
    }

    /// Whether upper and lower case make a difference in the (last part of the) name.
    pub(super) fn has_case(self) -> bool {
        matches!(self, Self::Constant | Self::ClassConstant | Self::Property | Self::Variable)
    }
}

impl Effect {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Added, "added"),
        (Self::Changed, "changed"),
        (Self::Deprecated, "deprecated"),
        (Self::Error, "error"),
        (Self::Removed, "removed"),
    ];

    /// As it stands in the table.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(effect, _)| *effect == self).map_or("", |(_, name)| name)
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(effect, _)| *effect)
    }

    /// Whether code that meets it does not run.
    pub fn fails(self) -> bool {
        matches!(self, Self::Error | Self::Removed)
    }
}
