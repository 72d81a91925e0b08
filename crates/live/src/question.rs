//! What is to be proven, in a form that can be sent to whoever proves it: values as texts, each with its place. Who proves reads them anew, as
//! the service's client would, so that nothing but texts and names has to be understood by both.
//!
//! It holds configuration values, so `Debug` shows none, and it goes to processes of the same user only.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sternway_config::agreements::{self, Named, SessionStore, Sharing, Sharings};
use sternway_config::landscape::{Environment, Landscape, Origin, Service};
use sternway_config::{Content, Provenance, SecretText, Value};
use sternway_core::finding::Place;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::project::Agreement;

use crate::Limits;
use crate::prove::Subject;

/// The form of questions and answers; another one is refused.
pub const FORMAT: u32 = 1;

/// Everything about one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// [`FORMAT`].
    pub format: u32,
    /// The environment.
    pub about: EnvironmentName,
    /// What its services are configured to.
    services: BTreeMap<ServiceName, Configured>,
    /// The connections that are asked.
    connections: Vec<Asked>,
    /// Who is to find whose sessions.
    sessions: Vec<Pair>,
    /// What cannot be asked, and why: the agreement, the reason, where it was declared.
    unknown: Vec<(String, String, Option<Place>)>,
    /// How long is waited, in milliseconds: for a connection to be accepted, and for everything about one.
    connect: u64,
    whole: u64,
    /// As many connections at once.
    parallel: usize,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Configured {
    values: BTreeMap<String, Given>,
    /// Which client reads a value, by key.
    clients: BTreeMap<String, String>,
}

/// One value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Given {
    /// `None`: it is only known when the program runs.
    text: Option<String>,
    place: Place,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.text.is_some() { "***" } else { "?" })
    }
}

/// One connection: the keys that say it, or why they cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    service: ServiceName,
    keys: Vec<(String, Place)>,
    why: Option<String>,
}

/// Two services that are to share sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Pair {
    subject: String,
    declared: Option<Place>,
    certain: bool,
    /// Whether their texts differ in the server's name alone.
    server_alone: bool,
    one: Side,
    other: Side,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Side {
    service: ServiceName,
    key: String,
    place: Place,
    why: Option<String>,
}

const GONE: &str = "its value did not reach who proves it";

impl Question {
    /// All that can be proven of an environment.
    pub fn of(landscape: &Landscape, agreements: &[Agreement], about: &EnvironmentName, limits: &Limits) -> Self {
        let places = landscape.environments.get(about).map(|place| &place.services);
        let seen: Vec<_> = places.into_iter().flatten().filter(|(_, service)| service.is_seen()).collect();
        let named = |(name, service): &(&ServiceName, &Service)| {
            let name = (*name).clone();
            agreements::connections(service).into_iter().map(move |named| asked(name.clone(), named))
        };
        let Sharings { pairs, unknown } = agreements::sharing(landscape, agreements, about);
        Self {
            format: FORMAT,
            about: about.clone(),
            services: seen.iter().map(|(name, service)| ((*name).clone(), configured(service))).collect(),
            connections: seen.iter().flat_map(named).collect(),
            sessions: pairs.into_iter().map(pair).collect(),
            unknown,
            connect: millis(limits.connect),
            whole: millis(limits.whole),
            parallel: limits.parallel,
        }
    }

    /// Whether there is anything to ask.
    pub fn is_empty(&self) -> bool {
        self.connections.is_empty() && self.sessions.is_empty()
    }

    /// How long it is waited, and how much is done at once.
    pub fn limits(&self) -> Limits {
        let (connect, whole) = (Duration::from_millis(self.connect), Duration::from_millis(self.whole));
        Limits { connect, whole, parallel: self.parallel.max(1) }
    }

    /// Within what time an answer comes, whoever is silent.
    pub fn patience(&self) -> Duration {
        let limits = self.limits();
        let rounds = |count: usize| u32::try_from(count.div_ceil(limits.parallel)).unwrap_or(u32::MAX);
        let connections = (limits.connect + limits.whole).saturating_mul(rounds(self.connections.len()));
        let sessions = limits.of_a_session().saturating_mul(rounds(self.sessions.len()));
        connections.saturating_add(sessions).saturating_add(Duration::from_secs(5))
    }

    /// The services as they were, for whoever proves.
    fn place(&self) -> Environment {
        let service = |(name, configured): (&ServiceName, &Configured)| (name.clone(), rebuilt(configured));
        Environment { protected: false, services: self.services.iter().map(service).collect() }
    }

    /// What is asked, read anew.
    pub(crate) fn read(&self) -> (Vec<Subject>, Sharings) {
        let place = self.place();
        let connections = |(name, service)| (name, agreements::connections(service));
        let read: BTreeMap<_, _> = place.services.iter().map(connections).collect();
        let subject = |asked: &Asked| {
            let found = || read.get(&asked.service)?.iter().find(|named| named.keys == asked.keys);
            let connection = match (&asked.why, found()) {
                (Some(why), _) => Err(why.clone()),
                (None, Some(named)) => named.connection.clone(),
                (None, None) => Err(GONE.to_owned()),
            };
            Subject { service: asked.service.clone(), named: Named { keys: asked.keys.clone(), connection } }
        };
        let sharing = |pair: &Pair| Sharing {
            subject: pair.subject.clone(),
            declared: pair.declared.clone(),
            certain: pair.certain,
            one: side(&place, &pair.one),
            other: side(&place, &pair.other),
            differ: if pair.server_alone { vec!["server"] } else { Vec::new() },
        };
        let pairs = self.sessions.iter().map(sharing).collect();
        (self.connections.iter().map(subject).collect(), Sharings { pairs, unknown: self.unknown.clone() })
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn configured(service: &Service) -> Configured {
    let given = |(key, value): (&String, &Value)| {
        let text = value.text().map(|text| text.reveal().to_owned());
        (key.clone(), Given { text, place: value.provenance.place() })
    };
    Configured { values: service.values.iter().map(given).collect(), clients: service.dialects.clone() }
}

fn rebuilt(configured: &Configured) -> Service {
    let value = |(key, given): (&String, &Given)| {
        let Place { file, line, column } = &given.place;
        let provenance =
            Provenance { file: file.as_str().into(), line: *line, column: *column, layer: "question".into() };
        let content = match &given.text {
            Some(text) => Content::Known(SecretText::new(text.clone())),
            None => Content::Unknown("it is only known when the program runs".to_owned()),
        };
        (key.clone(), Value { content, provenance, overridden: Vec::new() })
    };
    let mut service = Service::without(Origin::Sources);
    service.values = configured.values.iter().map(value).collect();
    service.dialects.clone_from(&configured.clients);
    service
}

fn asked(service: ServiceName, named: Named) -> Asked {
    Asked { service, keys: named.keys, why: named.connection.err() }
}

fn pair(sharing: Sharing) -> Pair {
    let side = |store: SessionStore| Side {
        service: store.service,
        key: store.key,
        place: store.place,
        why: store.connection.err(),
    };
    Pair {
        subject: sharing.subject,
        declared: sharing.declared,
        certain: sharing.certain,
        server_alone: matches!(sharing.differ.as_slice(), ["server"]),
        one: side(sharing.one),
        other: side(sharing.other),
    }
}

fn side(place: &Environment, side: &Side) -> SessionStore {
    let unread = |why: &str| SessionStore {
        service: side.service.clone(),
        key: side.key.clone(),
        place: side.place.clone(),
        connection: Err(why.to_owned()),
        client: None,
        prefix: None,
    };
    match &side.why {
        Some(why) => unread(why),
        None => agreements::session_store(place, &side.service, &side.key).unwrap_or_else(|| unread(GONE)),
    }
}
