//! What a live proof asks: the connections that a service's own configuration names, and who shares sessions with whom.

use sternway_core::finding::Place;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::project::{Agreement, Rule};

use super::inferred;
use super::session::{self, Store};
use super::values::Relation;
use crate::destination::Destination;
use crate::landscape::{Environment, Landscape, Service};
use crate::leads;
use crate::resolve::Content;
use crate::stores::{self, Connection, Dialect};

/// A connection that a service's configuration names.
#[derive(Debug, Clone)]
pub struct Named {
    /// The keys that say it, each with its place: one, or those of a connection by parts.
    pub keys: Vec<(String, Place)>,
    /// What they say, or why it cannot be read. Quotes nothing of a value.
    pub connection: Result<Connection, String>,
}

/// A session store, as one service is configured to it.
#[derive(Debug, Clone)]
pub struct SessionStore {
    /// Whose.
    pub service: ServiceName,
    /// The key that names it.
    pub key: String,
    /// Where that is set.
    pub place: Place,
    /// Where it leads.
    pub connection: Result<Connection, String>,
    /// The client that reads it, where it was declared or leaves no doubt.
    pub client: Option<Dialect>,
    /// The key prefix (or ASP.NET's instance name) that is configured beside it.
    pub prefix: Option<Content>,
}

impl SessionStore {
    /// `service:KEY`.
    pub fn shown(&self) -> String {
        format!("{}:{}", self.service, self.key)
    }
}

/// Two services of one environment that are to find each other's sessions.
#[derive(Debug, Clone)]
pub struct Sharing {
    /// The agreement, or the value that let infer it.
    pub subject: String,
    /// Where it was declared.
    pub declared: Option<Place>,
    /// Whether it is known that they should: declared, or so in another environment.
    pub certain: bool,
    /// The one.
    pub one: SessionStore,
    /// The other.
    pub other: SessionStore,
    /// In which parts the texts differ.
    pub differ: Vec<&'static str>,
}

/// Who shares sessions with whom.
#[derive(Debug, Clone, Default)]
pub struct Sharings {
    /// Those whose stores are named.
    pub pairs: Vec<Sharing>,
    /// Agreements about which nothing can be asked, and why.
    pub unknown: Vec<(String, String, Option<Place>)>,
}

/// The connections that a service's values name, each once.
pub fn connections(service: &Service) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    let mut add = |named: Named| {
        let same = |other: &Named| matches!((&other.connection, &named.connection), (Ok(a), Ok(b)) if a == b);
        if !found.iter().any(same) {
            found.push(named);
        }
    };
    for parts in leads::assembled(service) {
        let place = |key: &String| Some((key.clone(), service.values.get(key)?.provenance.place()));
        let keys = parts.keys.iter().filter_map(place).collect();
        add(Named { keys, connection: here(parts.destination) });
    }
    for (key, value) in &service.values {
        let Some(text) = value.text() else { continue };
        if !service.dialects.contains_key(key) && stores::guess(key, text.reveal()).is_none() {
            continue;
        }
        if let Some(connection) = leads::lead(service, key, value) {
            add(Named { keys: vec![(key.clone(), value.provenance.place())], connection: here(connection) });
        }
    }
    found
}

/// A connection that somebody can make: its text is here.
fn here(destination: Result<Destination, String>) -> Result<Connection, String> {
    match destination? {
        Destination::Here(connection) => Ok(*connection),
        Destination::Sealed(_) => Err("only what was sealed of it is known here".to_owned()),
    }
}

/// The services of an environment that are to find each other's sessions: by `session`, by `must_agree` of values that speak of sessions,
/// and by inference where nothing was declared.
pub fn sharing(landscape: &Landscape, agreements: &[Agreement], about: &EnvironmentName) -> Sharings {
    let mut found = Sharings::default();
    let Some(place) = landscape.environments.get(about) else { return found };
    for agreement in agreements {
        if !agreement.environments.is_empty() && !agreement.environments.contains(about) {
            continue;
        }
        match &agreement.rule {
            Rule::Session(services) => declared(agreement, services, place, &mut found),
            Rule::MustAgree(values) => {
                let mut stores: Vec<SessionStore> = Vec::new();
                for value in values.iter().filter(|value| value.key.to_ascii_lowercase().contains("session")) {
                    for service in super::whose(value, place) {
                        stores.extend(session_store(place, service, &value.key));
                    }
                }
                pairs(agreement, &stores, &mut found);
            }
            Rule::MustDiffer(_) | Rule::MayDiffer(_) => {}
        }
    }
    for (first, other) in inferred::pairs(landscape, agreements, about, place) {
        let differ = differ(&first.1, &other.1);
        // Texts that do not differ say that it is meant; of those that do, another environment may.
        let certain = differ.is_empty()
            || inferred::agreeing_elsewhere(landscape, about, (first.0, &first.1.key), (other.0, &other.1.key))
                .is_some();
        let one = as_configured(place, first.0, &first.1);
        let other = as_configured(place, other.0, &other.1);
        let subject = other.shown();
        found.pairs.push(Sharing { subject, declared: None, certain, one, other, differ });
    }
    found
}

fn declared(agreement: &Agreement, services: &[ServiceName], place: &Environment, found: &mut Sharings) {
    let mut stores = Vec::new();
    for service in services {
        let store =
            place.services.get(service).filter(|seen| seen.is_seen()).and_then(|seen| session::store(seen, false));
        if let Some(store) = store {
            stores.push(as_configured(place, service, &store));
        } else {
            let why = format!("no value of `{service}` that can be seen names a session store");
            found.unknown.push((super::subject(agreement), why, Some(agreement.place.clone())));
        }
    }
    pairs(agreement, &stores, found);
}

/// Everybody with the first: what agrees with one agrees with all.
fn pairs(agreement: &Agreement, stores: &[SessionStore], found: &mut Sharings) {
    let Some((one, others)) = stores.split_first() else { return };
    for other in others {
        let differ = match (&one.connection, &other.connection) {
            (Ok(a), Ok(b)) => {
                let there = |connection: &Connection| Destination::Here(Box::new(connection.clone()));
                relation_words(session::related(&there(a), &there(b)))
            }
            _ => Vec::new(),
        };
        found.pairs.push(Sharing {
            subject: super::subject(agreement),
            declared: Some(agreement.place.clone()),
            certain: true,
            one: one.clone(),
            other: other.clone(),
            differ,
        });
    }
}

/// The session store that a key names.
pub fn session_store(place: &Environment, service: &ServiceName, key: &str) -> Option<SessionStore> {
    let found = place.services.get(service)?;
    let value = found.values.get(key)?;
    let connection = leads::lead(found, key, value)?;
    Some(as_configured(place, service, &Store { key: key.to_owned(), value, connection }))
}

fn as_configured(place: &Environment, service: &ServiceName, store: &Store<'_>) -> SessionStore {
    let found = place.services.get(service);
    let declared = found.and_then(|found| found.dialects.get(&store.key)).and_then(|name| Dialect::named(name));
    let sure = || {
        let guess = stores::guess(&store.key, store.value.text()?.reveal())?;
        if let [only] = guess.dialects.as_slice() { Some(*only) } else { None }
    };
    let prefix = found.and_then(session::configured_prefix).map(|value| value.content.clone());
    SessionStore {
        service: service.clone(),
        key: store.key.clone(),
        place: store.value.provenance.place(),
        connection: here(store.connection.clone()),
        client: declared.or_else(sure),
        prefix,
    }
}

fn differ(one: &Store<'_>, other: &Store<'_>) -> Vec<&'static str> {
    relation_words(session::relation(one, other))
}

fn relation_words(relation: Relation) -> Vec<&'static str> {
    if let Relation::Differs(parts) = relation { parts } else { Vec::new() }
}
