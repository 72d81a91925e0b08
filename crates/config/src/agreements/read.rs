//! One value of one service, and the connection that it describes, alone or with the keys beside it.

use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ServiceName};

use crate::landscape::{Environment, Landscape, Origin, Report};
use crate::leads::{self, Lead};
use crate::resolve::Value;
use crate::stores::Dialect;

/// A value that an agreement is about.
pub(super) struct Reading<'a> {
    pub(super) environment: &'a EnvironmentName,
    pub(super) service: &'a ServiceName,
    pub(super) key: String,
    pub(super) value: &'a Value,
    /// What it leads to, when it is a connection; `Err` says why it cannot be read as the one that it seems to be.
    pub(super) connection: Option<Lead>,
}

/// Why there is nothing to read.
pub(super) enum Absent {
    /// The service has no such key.
    Missing,
    /// Its configuration cannot be seen.
    Unseen(String),
}

impl<'a> Reading<'a> {
    /// Reads it, or says why there is nothing to read.
    pub(super) fn of(
        environment: &'a EnvironmentName,
        place: &'a Environment,
        service: &'a ServiceName,
        key: &str,
    ) -> Result<Self, Absent> {
        let Some(found) = place.services.get(service) else { return Err(Absent::Missing) };
        if let Origin::Unseen { why } = &found.origin {
            return Err(Absent::Unseen(format!("`{service}`: {why}")));
        }
        let Some(value) = found.values.get(key) else {
            let absent = |why: &String| Absent::Unseen(format!("`{service}`: {why}"));
            return Err(found.unseen.as_ref().map_or(Absent::Missing, absent));
        };
        Ok(Self { environment, service, key: key.to_owned(), value, connection: leads::lead(found, key, value) })
    }

    pub(super) fn shown(&self) -> String {
        format!("{}:{}", self.service, self.key)
    }

    /// The finding, with the place where the value was set before its other places.
    pub(super) fn at(&self, mut finding: Finding) -> Finding {
        finding.places.insert(0, self.value.provenance.place());
        finding
    }
}

/// Names under `connections` that are no client's.
pub(super) fn unknown_clients(landscape: &Landscape, about: Option<&EnvironmentName>, report: &mut Report) {
    let environments = landscape.environments.iter().filter(|(name, _)| about.is_none_or(|about| about == *name));
    let mut said: Vec<(&ServiceName, &str)> = Vec::new();
    for (name, service) in environments.flat_map(|(_, place)| &place.services) {
        for (key, client) in &service.dialects {
            if Dialect::named(client).is_some() || said.contains(&(name, key)) {
                continue;
            }
            said.push((name, key));
            let known: Vec<&str> = Dialect::ALL.iter().map(|dialect| dialect.name()).collect();
            let message = format!("`connections` names `{client}`, which is no client that this version knows");
            let finding = Finding::error("S0226", format!("{name}:{key}"), message);
            report.findings.push(finding.hint(format!("one of {}", known.join(", "))));
        }
    }
}
