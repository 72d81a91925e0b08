//! Where a value leads: a connection, as it stands here or as it was sealed.

use std::borrow::Cow;

use crate::facts::{READING, SealedConnection};
use crate::stores::{
    Comparison, Component, Connection, Kind, Outline, Part, Placement, Same, Tls, Verdict, compare_outlines,
};

/// A connection.
#[derive(Debug, Clone)]
pub enum Destination {
    /// Its text is here.
    Here(Box<Connection>),
    /// Only what was sealed of it is.
    Sealed(SealedConnection),
}

/// A connection in a form in which it can be compared.
pub(crate) type Readable<'a> = Outline<Cow<'a, str>>;

/// One of its parts.
pub(crate) type PartOf = for<'o, 't> fn(&'o Readable<'t>) -> &'o Part<Cow<'t, str>>;

/// A connection that several keys describe together.
#[derive(Debug, Clone)]
pub struct Parts {
    /// What the keys begin with.
    pub stem: String,
    /// The keys, sorted.
    pub keys: Vec<String>,
    /// What they say, or why it cannot be read. Quotes nothing of a value.
    pub destination: Result<Destination, String>,
}

impl Destination {
    /// What kind of store it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Here(connection) => connection.kind,
            Self::Sealed(connection) => connection.kind(),
        }
    }

    /// The connection, when its text is here.
    pub fn here(&self) -> Option<&Connection> {
        match self {
            Self::Here(connection) => Some(connection),
            Self::Sealed(_) => None,
        }
    }

    /// By which rules it was read.
    fn reading(&self) -> u32 {
        match self {
            Self::Here(_) => READING,
            Self::Sealed(connection) => connection.reading(),
        }
    }

    /// How encrypted.
    pub(crate) fn tls(&self) -> &Part<Tls> {
        match self {
            Self::Here(connection) => &connection.tls,
            Self::Sealed(connection) => &connection.outline().tls,
        }
    }

    /// Whether it is not known where it leads.
    pub(crate) fn has_unknown_place(&self) -> bool {
        match self {
            Self::Here(connection) => connection.endpoints.is_unknown(),
            Self::Sealed(connection) => connection.outline().endpoints.is_unknown(),
        }
    }

    /// Whether it leads to the machine itself, or to a name without a dot, as networks of containers have.
    pub(crate) fn is_local(&self) -> bool {
        match self {
            Self::Here(connection) => connection.outline().is_local(),
            Self::Sealed(connection) => connection.outline().is_local(),
        }
    }

    /// Whether one part has the same value in both, be it given or filled in, or none in both. False when that cannot be told.
    pub(crate) fn same_value(&self, other: &Self, part: PartOf) -> bool {
        self.compared(other, |one, other, same| match (part(one).value(), part(other).value()) {
            (None, None) => true,
            (Some(one), Some(other)) => same(one, other) == Some(true),
            _ => false,
        })
    }

    /// Whether both name the same ports. False when that cannot be told.
    pub(crate) fn same_ports(&self, other: &Self) -> bool {
        self.compared(other, |one, other, same| {
            let (one, other) = (one.ports(), other.ports());
            one.len() == other.len()
                && one.iter().zip(&other).all(|(one, other)| match (one, other) {
                    (None, None) => true,
                    (Some(one), Some(other)) => same(one, other) == Some(true),
                    _ => false,
                })
        })
    }

    /// Asks something of both, in a form in which their texts can be compared.
    fn compared<T>(&self, other: &Self, ask: impl Fn(&Readable<'_>, &Readable<'_>, Same<'_>) -> T) -> T {
        match (self, other) {
            (Self::Here(one), Self::Here(other)) => {
                ask(&one.outline(), &other.outline(), &|one, other| Some(one == other))
            }
            (Self::Sealed(sealed), Self::Here(here)) | (Self::Here(here), Self::Sealed(sealed)) => {
                sealed.with(here, ask)
            }
            (Self::Sealed(one), Self::Sealed(other)) => one.with_sealed(other, ask),
        }
    }

    /// The components that it has.
    pub(crate) fn components(&self) -> Vec<Component> {
        match self {
            Self::Here(connection) => connection.outline().components(),
            Self::Sealed(connection) => connection.outline().components(),
        }
    }

    /// How two of them relate. What was sealed with another key than the one at hand is unknown.
    pub fn compare(&self, other: &Self, placement: Placement) -> Comparison {
        if self.reading() != other.reading() {
            return by_other_rules(self.kind() == other.kind());
        }
        self.compared(other, |one, other, same| compare_outlines(one, other, placement, same))
    }

    /// Why not everything can be told of the two: what follows on "it cannot be told".
    pub(crate) fn why_unknown(&self, other: &Self) -> &'static str {
        match (self, other) {
            (Self::Sealed(sealed), Self::Here(_)) | (Self::Here(_), Self::Sealed(sealed)) => sealed.why_unknown(),
            (Self::Sealed(one), Self::Sealed(other)) if !one.comparable(other) => {
                ": they were sealed with different fingerprint keys, or by different versions"
            }
            _ => " from the text alone",
        }
    }
}

/// What is to be said of two that were read by different rules.
fn by_other_rules(of_one_kind: bool) -> Comparison {
    use Component::{Database, Endpoints, Password, Path, Prefix, Schema, Tls, User, Vhost};
    if !of_one_kind {
        return Comparison { verdict: Verdict::Different, differences: vec![Component::Kind], unknown: Vec::new() };
    }
    let unknown = vec![Endpoints, Database, Schema, Vhost, Prefix, Path, User, Password, Tls];
    Comparison { verdict: Verdict::Unknown, differences: Vec::new(), unknown }
}
