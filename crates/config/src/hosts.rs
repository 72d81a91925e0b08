//! The host that a value leads to, here or as it was sealed.

use std::sync::Arc;

use crate::compare::reach;
use crate::facts::{HostFact, Whence};
use crate::resolve::{Content, Value};

pub(crate) use reach::{host as host_of, is_local};

/// A host in a value.
pub(crate) enum Host {
    /// The value is here.
    Here(String),
    /// Only what was sealed of it is.
    Sealed(HostFact, Arc<Whence>),
}

/// The word of a host's name that says that it is for development or tests.
pub(crate) fn development(host: &str) -> Option<&'static str> {
    reach::label(host, &reach::DEVELOPMENT)
}

/// The word of a host's name that says that it is for production.
pub(crate) fn production(host: &str) -> Option<&'static str> {
    reach::label(host, &reach::PRODUCTION)
}

impl Host {
    /// The host that a value leads to.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match &value.content {
            Content::Known(text) => host_of(text.reveal()).map(Self::Here),
            Content::Sealed(sealed) => Some(Self::Sealed(sealed.known().host.clone()?, Arc::clone(sealed.whence()))),
            Content::Unknown(_) => None,
        }
    }

    /// Whether it is this machine itself.
    pub(crate) fn is_local(&self) -> bool {
        match self {
            Self::Here(host) => is_local(host),
            Self::Sealed(host, _) => host.local,
        }
    }

    /// What its name says when that is that it is for development or tests: the word, where it is here.
    pub(crate) fn says_development(&self) -> Option<&'static str> {
        match self {
            Self::Here(host) => development(host),
            Self::Sealed(host, _) => host.development.then_some("development"),
        }
    }

    /// What its name says when that is that it is for production.
    pub(crate) fn says_production(&self) -> Option<&'static str> {
        match self {
            Self::Here(host) => production(host),
            Self::Sealed(host, _) => host.production.then_some("production"),
        }
    }

    /// Whether both are the same host; `None` when that cannot be told.
    pub(crate) fn same(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Here(one), Self::Here(other)) => Some(one == other),
            (Self::Here(text), Self::Sealed(host, whence)) | (Self::Sealed(host, whence), Self::Here(text)) => {
                whence.is(&host.is, "host", text)
            }
            (Self::Sealed(one, whence), Self::Sealed(other, theirs)) => whence.same(theirs, &one.is, &other.is),
        }
    }
}
