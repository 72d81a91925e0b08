//! Where the values of one service lead: each that is a connection, alone or by several keys together.

use std::collections::HashMap;

use crate::landscape::Service;
use crate::resolve::Value;
use crate::stores::{self, Assembled, Connection, Dialect};

/// A connection, or why it cannot be read as the one that it seems to be. Quotes nothing of a value.
pub(crate) type Lead = Result<Connection, String>;

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
        for Assembled { keys, connection, .. } in assembled(service) {
            let at = found.together.len();
            found.part_of.extend(keys.iter().map(|key| (key.clone(), at)));
            found.together.push((keys, connection.map_err(|error| error.to_string())));
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
fn alone_of(service: &Service, key: &str, value: &Value) -> Option<Lead> {
    let text = value.text()?.reveal();
    if let Some(dialect) = service.dialects.get(key).and_then(|name| Dialect::named(name)) {
        return Some(dialect.parse(text).map_err(|error| error.to_string()));
    }
    let guess = stores::guess(key, text)?;
    Some(guess.parse(text).map_err(|error| error.to_string()))
}

/// The connection that one key describes: by itself, or together with the keys beside it.
pub(crate) fn lead(service: &Service, key: &str, value: &Value) -> Option<Lead> {
    value.text()?;
    if let Some(alone) = alone_of(service, key, value) {
        return Some(alone);
    }
    if !stores::may_be_part(key) {
        return None;
    }
    let found = assembled(service).into_iter().find(|found| found.keys.iter().any(|part| part == key))?;
    Some(found.connection.map_err(|error| error.to_string()))
}

/// The connections that are configured by parts.
pub(crate) fn assembled(service: &Service) -> Vec<Assembled> {
    let known = service.values.iter().filter_map(|(key, value)| Some((key.as_str(), value.text()?.reveal())));
    stores::assemble(known)
}
