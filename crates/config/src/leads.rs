//! Where the values of one service lead: each that is a connection, alone or by several keys together.

use std::collections::HashMap;

use crate::destination::{Destination, Parts};
use crate::landscape::Service;
use crate::resolve::{Content, Value};
use crate::stores::{self, Dialect};

/// A connection, or why it cannot be read as the one that it seems to be. Quotes nothing of a value.
pub(crate) type Lead = Result<Destination, String>;

/// All connections of a service. Reading them is the dearest part of a comparison, so it is done once.
#[derive(Debug, Default)]
pub(crate) struct Leads<'a> {
    alone: HashMap<&'a str, Lead>,
    together: Vec<(Vec<String>, Lead)>,
    part_of: HashMap<String, usize>,
}

impl<'a> Leads<'a> {
    /// Reads them.
    pub(crate) fn of(service: &'a Service) -> Self {
        let mut alone = HashMap::new();
        for (key, value) in &service.values {
            if let Some(lead) = alone_of(service, key, value) {
                alone.insert(key.as_str(), lead);
            }
        }
        let mut found = Self { alone, ..Self::default() };
        for Parts { keys, destination, .. } in assembled(service) {
            let at = found.together.len();
            found.part_of.extend(keys.iter().map(|key| (key.clone(), at)));
            found.together.push((keys, destination));
        }
        found
    }

    /// The connection that a key says by itself.
    pub(crate) fn alone(&self, key: &str) -> Option<&Lead> {
        self.alone.get(key)
    }

    /// The connection that a key is a part of, with all of its keys.
    pub(crate) fn together(&self, key: &str) -> Option<(&[String], &Lead)> {
        let (keys, lead) = &self.together[*self.part_of.get(key)?];
        Some((keys, lead))
    }

    /// Every connection by several keys.
    pub(crate) fn by_parts(&self) -> impl Iterator<Item = (&[String], &Lead)> {
        self.together.iter().map(|(keys, lead)| (keys.as_slice(), lead))
    }

    /// The connection that a key describes, alone or with others.
    pub(crate) fn get(&self, key: &str) -> Option<&Lead> {
        self.alone(key).or_else(|| self.together(key).map(|(_, lead)| lead))
    }
}

/// By the client that was declared, or by the value's own form.
pub(crate) fn alone_of(service: &Service, key: &str, value: &Value) -> Option<Lead> {
    let client = service.dialects.get(key);
    let text = match &value.content {
        Content::Known(text) => text.reveal(),
        Content::Sealed(sealed) => return sealed.connection(client),
        Content::Unknown(_) => return None,
    };
    let read = match client.and_then(|name| Dialect::named(name)) {
        Some(dialect) => dialect.parse(text),
        None => stores::guess(key, text)?.parse(text),
    };
    Some(read.map(|connection| Destination::Here(Box::new(connection))).map_err(|error| error.to_string()))
}

/// The connection that one key describes: by itself, or together with the keys beside it.
pub(crate) fn lead(service: &Service, key: &str, value: &Value) -> Option<Lead> {
    let alone = alone_of(service, key, value);
    if alone.is_some() || matches!(value.content, Content::Unknown(_)) || !stores::may_be_part(key) {
        return alone;
    }
    Some(assembled(service).into_iter().find(|found| found.keys.iter().any(|part| part == key))?.destination)
}

/// The connections that are configured by parts.
pub(crate) fn assembled(service: &Service) -> Vec<Parts> {
    if let Some(sealed) = &service.parts {
        return sealed.clone();
    }
    let known = service.values.iter().filter_map(|(key, value)| Some((key.as_str(), value.text()?.reveal())));
    let found = stores::assemble(known).into_iter();
    found
        .map(|found| Parts {
            stem: found.stem,
            keys: found.keys,
            destination: found
                .connection
                .map(|connection| Destination::Here(Box::new(connection)))
                .map_err(|error| error.to_string()),
        })
        .collect()
}
