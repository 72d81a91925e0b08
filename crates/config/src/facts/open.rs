//! From facts to what comparison and agreements look at.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use sternway_core::ids::ServiceName;

use super::{ConnectionFact, Facts, Known, READING, Reads, ServiceFacts, Told, seal};
use crate::destination::{Destination, Parts, Readable};
use crate::fingerprint::{FingerprintKey, Print};
use crate::landscape::{Origin, Service};
use crate::resolve::{Content, Provenance, Value};
use crate::stores::{Connection, Kind, Outline, Same};

/// The fingerprint keys that are at hand.
#[derive(Debug, Clone, Default)]
pub struct Keys(Vec<FingerprintKey>);

impl Keys {
    /// These.
    pub fn of(keys: impl IntoIterator<Item = FingerprintKey>) -> Self {
        Self(keys.into_iter().collect())
    }

    /// Whether the key that these facts were made with is among them.
    pub fn open(&self, facts: &Facts) -> bool {
        self.named(&facts.key).is_some()
    }

    fn named(&self, name: &Print) -> Option<FingerprintKey> {
        self.0.iter().find(|key| key.name() == *name).cloned()
    }
}

/// With which key and by which rules facts were made, and the key where it is at hand.
pub(crate) struct Whence {
    name: Print,
    key: Option<FingerprintKey>,
    reading: u32,
}

impl Whence {
    /// Whether this text has that fingerprint; `None` without the key.
    pub(crate) fn is(&self, print: &Print, component: &str, text: &str) -> Option<bool> {
        Some(self.key.as_ref()?.of_component(component, text) == *print)
    }

    /// Whether two fingerprints are of one text; `None` when they were made with different keys.
    pub(crate) fn same(&self, theirs: &Self, one: &Print, other: &Print) -> Option<bool> {
        (self.name == theirs.name).then(|| one == other)
    }
}

/// A value of which only what was sealed is known here.
#[derive(Clone)]
pub struct Sealed {
    known: Arc<Known>,
    whence: Arc<Whence>,
}

impl Sealed {
    /// What can be told of it.
    pub fn known(&self) -> &Known {
        &self.known
    }

    pub(crate) fn whence(&self) -> &Arc<Whence> {
        &self.whence
    }

    /// Whether the key that it was sealed with is at hand.
    pub fn is_open(&self) -> bool {
        self.whence.key.is_some()
    }

    /// Whether a text is its value; `None` when that cannot be told.
    pub(crate) fn is(&self, text: &str) -> Option<bool> {
        let other_shape = crate::shape::Shape::of(text) != self.known.shape;
        self.whence.is(&self.known.is, "value", text).or(other_shape.then_some(false))
    }

    /// Whether two have one value; `None` when that cannot be told.
    pub(crate) fn same(&self, other: &Self) -> Option<bool> {
        let other_shape = self.known.shape != other.known.shape;
        self.whence.same(&other.whence, &self.known.is, &other.known.is).or(other_shape.then_some(false))
    }

    /// The connection that it describes by itself, read as for `client`, which is declared now.
    pub(crate) fn connection(&self, client: Option<&String>) -> Option<Result<Destination, String>> {
        let Some(ConnectionFact { client: then, reads }) = &self.known.connection else {
            let why = "what was sealed of it was not read as a connection: `connections` names its client since";
            return client.map(|_| Err(why.to_owned()));
        };
        if then.as_ref() != client {
            return Some(Err("it was sealed before `connections` named this client for it".to_owned()));
        }
        Some(destination(reads, &self.whence))
    }
}

impl PartialEq for Sealed {
    fn eq(&self, other: &Self) -> bool {
        self.whence.name == other.whence.name && self.known == other.known
    }
}

impl Eq for Sealed {}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sealed")
    }
}

/// A connection of which only what was sealed is known here.
#[derive(Clone)]
pub struct SealedConnection {
    outline: Arc<Outline<Print>>,
    whence: Arc<Whence>,
}

impl SealedConnection {
    /// What kind of store.
    pub fn kind(&self) -> Kind {
        self.outline.kind
    }

    pub(crate) fn outline(&self) -> &Outline<Print> {
        &self.outline
    }

    /// By which rules it was read.
    pub(crate) fn reading(&self) -> u32 {
        self.whence.reading
    }

    /// Asks something of it and a connection that is here, in a form in which their texts can be compared.
    pub(crate) fn with<T>(&self, other: &Connection, ask: impl Fn(&Readable<'_>, &Readable<'_>, Same<'_>) -> T) -> T {
        match &self.whence.key {
            Some(key) if self.whence.reading == READING => {
                let other = seal(other, key);
                ask(&self.outline.borrowed(), &other.borrowed(), &|one, other| Some(one == other))
            }
            _ => ask(&self.outline.borrowed(), &other.outline(), &|_, _| None),
        }
    }

    /// The same with another one that was sealed.
    pub(crate) fn with_sealed<T>(&self, other: &Self, ask: impl Fn(&Readable<'_>, &Readable<'_>, Same<'_>) -> T) -> T {
        let comparable = self.comparable(other);
        ask(&self.outline.borrowed(), &other.outline.borrowed(), &|one, other| comparable.then_some(one == other))
    }

    /// Whether they were made with one key and by the same rules.
    pub(crate) fn comparable(&self, other: &Self) -> bool {
        self.whence.name == other.whence.name && self.whence.reading == other.whence.reading
    }

    /// Why not everything can be told of it.
    pub(crate) fn why_unknown(&self) -> &'static str {
        if self.whence.reading != READING {
            ": it was sealed by a version that reads connection strings otherwise"
        } else if self.whence.key.is_none() {
            ": only what was sealed of it is known here, and the fingerprint key is not"
        } else {
            " from the text alone"
        }
    }
}

impl fmt::Debug for SealedConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sealed {}", self.kind())
    }
}

fn destination(reads: &Reads, whence: &Arc<Whence>) -> Result<Destination, String> {
    match reads {
        Reads::As(outline) => {
            let outline = Arc::new((**outline).clone());
            Ok(Destination::Sealed(SealedConnection { outline, whence: Arc::clone(whence) }))
        }
        Reads::Not(why) => Err(why.clone()),
    }
}

impl Facts {
    /// A service as these facts tell of it; `None` when they do not. `from` is shown where its values are placed: a file, a release.
    pub fn service(
        &self,
        name: &ServiceName,
        keys: &Keys,
        from: &Provenance,
        origin: Origin,
        dialects: BTreeMap<String, String>,
    ) -> Option<Service> {
        let ServiceFacts { keys: facts, parts, unseen } = self.services.get(name)?;
        let whence = Arc::new(Whence { name: self.key.clone(), key: keys.named(&self.key), reading: self.reading });
        let given = facts.iter().filter(|(_, fact)| fact.given).map(|(key, _)| key.clone()).collect();
        let value = |told: &Told| match told {
            Told::Known(known) => {
                Content::Sealed(Sealed { known: Arc::new((**known).clone()), whence: Arc::clone(&whence) })
            }
            Told::Unknown(why) => Content::Unknown(why.clone()),
        };
        let values = facts.iter().map(|(key, fact)| {
            let content = value(&fact.value);
            (key.clone(), Value { content, provenance: from.clone(), overridden: Vec::new() })
        });
        let values = values.collect();
        let parts = parts.iter().map(|found| Parts {
            stem: found.stem.clone(),
            keys: found.keys.clone(),
            destination: destination(&found.reads, &whence),
        });
        let parts = Some(parts.collect());
        Some(Service { values, given, parts, unseen: unseen.clone(), ..Service::without(origin) }.reading(dialects))
    }
}
