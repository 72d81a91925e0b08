//! How much is known about one component.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One component of a connection, and where it comes from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part<T> {
    /// The text says it.
    Given(T),
    /// The text does not say it, and the client fills it in so.
    Default(T),
    /// There is none; for TLS: the text leaves it to a default of the client that depends on its version.
    Absent,
    /// It cannot be told from the text: it comes from elsewhere, or the clients that may read the text disagree.
    Unknown,
}

impl<T> Part<T> {
    /// The value, if it is known and there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Given(value) | Self::Default(value) => Some(value),
            Self::Absent | Self::Unknown => None,
        }
    }

    /// Whether nothing can be said.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether there is none.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The same, borrowed.
    pub fn as_ref(&self) -> Part<&T> {
        match self {
            Self::Given(value) => Part::Given(value),
            Self::Default(value) => Part::Default(value),
            Self::Absent => Part::Absent,
            Self::Unknown => Part::Unknown,
        }
    }

    /// Given, or absent.
    pub(super) fn given(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Given)
    }

    /// Given, or what the client fills in.
    pub(super) fn given_or(value: Option<T>, default: T) -> Self {
        value.map_or(Self::Default(default), Self::Given)
    }

    /// The same knowledge of something made from it.
    pub(super) fn map<U>(self, make: impl FnOnce(T) -> U) -> Part<U> {
        match self {
            Self::Given(value) => Part::Given(make(value)),
            Self::Default(value) => Part::Default(make(value)),
            Self::Absent => Part::Absent,
            Self::Unknown => Part::Unknown,
        }
    }
}

impl<T: PartialEq> Part<T> {
    /// What two readings of one text agree on.
    pub(super) fn agreed(self, other: &Self) -> Self {
        match (&self, other) {
            (Self::Default(ours), Self::Given(theirs)) | (Self::Given(ours), Self::Default(theirs))
                if ours == theirs =>
            {
                match self {
                    Self::Default(value) | Self::Given(value) => Self::Given(value),
                    unchanged => unchanged,
                }
            }
            (ours, theirs) if ours == theirs => self,
            _ => Self::Unknown,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Part<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(value) => write!(f, "{value:?}"),
            Self::Default(value) => write!(f, "{value:?} (default)"),
            Self::Absent => f.write_str("absent"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}
