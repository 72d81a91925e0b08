//! What was seen in one file, before it is weighed against what other files declare. This is what the cache keeps.

use serde::{Deserialize, Serialize};
use sternway_core::finding::Severity;

use crate::text::Spot;
use crate::version::{Version, Versions};

/// How sure it is that a finding is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A guess.
    Low,
    /// A type was told by a comment, or the name may be one of the project's own.
    Medium,
    /// Certain.
    High,
}

/// What was seen in one file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// Uses of what the table has rows about.
    pub(crate) uses: Vec<Use>,
    /// Uses of members of the project's own classes, which may inherit from one that the table has rows about.
    pub(crate) inherited: Vec<Inherited>,
    /// What the file declares.
    pub(crate) declared: Declared,
    /// The ends of the paths that it includes, as far as they are literal.
    pub(crate) includes: Vec<String>,
    /// What a version's parser rejects.
    pub(crate) rejected: Vec<Rejected>,
    /// What is to be said whatever other files hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) said: Vec<Said>,
    /// Why the file, or a part of it, could not be looked at.
    pub(crate) unread: Option<(Spot, String)>,
}

/// One use of what a row is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Use {
    /// The row's number.
    pub(crate) row: u32,
    pub(crate) at: Spot,
    /// The versions on which this code runs at all.
    pub(crate) live: Versions,
    pub(crate) confidence: Confidence,
    /// Whether nothing fails when it is not there, as in `$x instanceof Gone`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) softly: bool,
    /// The project's own symbol that is meant instead when it is declared: `app\each`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unless: Option<String>,
    /// Since when it holds here, when that is not the row's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Version>,
    /// What stands there, when it is not the row's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) written: Option<String>,
}

/// Something to be said about a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) code: String,
    pub(crate) severity: Severity,
    pub(crate) rule: String,
    pub(crate) at: Spot,
    pub(crate) message: String,
    pub(crate) hint: String,
    pub(crate) source: String,
    pub(crate) confidence: Confidence,
}

/// A member of one of the project's own classes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Inherited {
    pub(crate) class: String,
    pub(crate) member: String,
    pub(crate) kind: MemberKind,
    pub(crate) at: Spot,
    pub(crate) live: Versions,
    pub(crate) confidence: Confidence,
}

/// Kinds of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum MemberKind {
    Method,
    Property,
    Constant,
}

/// What a file declares, without case where PHP has none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Declared {
    pub(crate) functions: Vec<String>,
    pub(crate) classes: Vec<Class>,
    pub(crate) constants: Vec<String>,
}

/// A class, interface, trait or enum.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Class {
    pub(crate) name: String,
    /// What it extends, implements and uses.
    pub(crate) parents: Vec<String>,
    /// `method`, `$property`, `CONSTANT`.
    pub(crate) members: Vec<String>,
}

/// Syntax that a version does not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rejected {
    /// The rule's key.
    pub(crate) rule: String,
    pub(crate) at: Spot,
    /// What the parser says.
    pub(crate) message: String,
    /// The first version that takes it, when it is newer than the one that was asked for.
    pub(crate) needs: Option<Version>,
}
