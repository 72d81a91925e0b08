//! What can be told of an environment's configuration without its values: shapes, whether something is a secret, and keyed fingerprints of
//! each value and of each component of a connection string.
//!
//! Facts are sealed with each release and can be given to people who may not see the values: see [`mod@file`]. Who has the project's fingerprint
//! key can compare them with values and with other facts; who has not sees shapes, and whether two facts are the same. Nothing of a
//! value is in them: no piece of it, not its length, no digest that could be found without the key. What they do say beside shapes is
//! which values are equal to each other. Who has them *and* the key can try guesses, as with any fingerprint.

pub mod file;
mod open;
mod seal;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sternway_core::ids::ServiceName;

use crate::fingerprint::Print;
use crate::shape::Shape;
use crate::stores::Outline;

pub use open::{Keys, Sealed};
pub(crate) use open::{SealedConnection, Whence};
pub(crate) use seal::seal;

/// The newest format of facts that is known here.
pub const FORMAT: u32 = 1;

/// Which rules a connection string was read by. Raised whenever a dialect, a guess or a normal form gives another reading: what was read by
/// other rules is unknown, since its fingerprints are of other texts. (A test says when.)
pub const READING: u32 = 1;

/// What can be told of all services of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// [`FORMAT`].
    pub format: u32,
    /// The name of the key that the fingerprints were made with.
    pub key: Print,
    /// [`READING`].
    pub reading: u32,
    /// By service.
    pub services: BTreeMap<ServiceName, ServiceFacts>,
}

/// What can be told of one service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ServiceFacts {
    /// By key: what its process is given, and what it reads by itself.
    pub keys: BTreeMap<String, Fact>,
    /// Connections that several keys describe together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartsFact>,
    /// Why there may be more keys than these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<String>,
}

/// What can be told of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Whether the process is given it; otherwise the service reads it by itself.
    pub given: bool,
    /// Its value.
    pub value: Told,
}

/// What can be told of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// It was known.
    Known(Box<Known>),
    /// It is only known when the program runs; why.
    Unknown(String),
}

/// What can be told of a value that was known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// What it looks like.
    pub shape: Shape,
    /// Whether it is a secret.
    pub secret: bool,
    /// Its fingerprint.
    pub is: Print,
    /// The host that it leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostFact>,
    /// What a part of its connection looks like that is no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Shape>,
    /// The connection that it describes by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionFact>,
}

/// What can be told of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFact {
    /// Its fingerprint.
    pub is: Print,
    /// Whether it is this machine itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub local: bool,
    /// Whether its name says that it is for development or tests.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub development: bool,
    /// Whether its name says that it is for production.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub production: bool,
}

/// What can be told of a connection, and as whose it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionFact {
    /// The client that was declared under `connections`, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// What it says.
    pub reads: Reads,
}

/// What a connection string says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reads {
    /// This.
    As(Box<Outline<Print>>),
    /// It cannot be read; why, in a fixed sentence.
    Not(String),
}

/// What can be told of a connection that several keys describe together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartsFact {
    /// What the keys begin with.
    pub stem: String,
    /// The keys, sorted.
    pub keys: Vec<String>,
    /// What they say.
    pub reads: Reads,
}
