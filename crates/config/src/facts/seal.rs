//! From values to facts.

use std::collections::BTreeMap;

use sternway_core::ids::ServiceName;

use super::{ConnectionFact, FORMAT, Fact, Facts, HostFact, Known, PartsFact, READING, Reads, ServiceFacts, Told};
use crate::compare::shapes;
use crate::destination::Destination;
use crate::fingerprint::{FingerprintKey, Print};
use crate::landscape::Service;
use crate::resolve::{Content, Value};
use crate::secret::SecretText;
use crate::shape::Shape;
use crate::stores::{Connection, Outline};
use crate::{hosts, leads};

impl Facts {
    /// What can be told of these services. Of one whose values are not here themselves, nothing is.
    pub fn of<'a>(services: impl IntoIterator<Item = (&'a ServiceName, &'a Service)>, key: &FingerprintKey) -> Self {
        let services: BTreeMap<ServiceName, ServiceFacts> =
            services.into_iter().map(|(name, service)| (name.clone(), of_service(service, key))).collect();
        Self { format: FORMAT, key: key.name(), reading: READING, services }
    }
}

fn of_service(service: &Service, key: &FingerprintKey) -> ServiceFacts {
    let keys = service.values.iter().map(|(name, value)| {
        let value = match &value.content {
            Content::Known(_) => Told::Known(Box::new(known(service, name, value, key))),
            Content::Unknown(why) => Told::Unknown(why.clone()),
            Content::Sealed(_) => Told::Unknown("its value was not here".to_owned()),
        };
        (name.clone(), Fact { given: service.given.contains(name), value })
    });
    let parts = leads::assembled(service).into_iter().map(|found| PartsFact {
        stem: found.stem,
        keys: found.keys,
        reads: reads(found.destination, key),
    });
    ServiceFacts { keys: keys.collect(), parts: parts.collect(), unseen: service.unseen.clone() }
}

fn known(service: &Service, name: &str, value: &Value, key: &FingerprintKey) -> Known {
    let text = value.text().map(SecretText::reveal).unwrap_or_default();
    let host = hosts::host_of(text).map(|host| HostFact {
        is: key.of_component("host", &host),
        local: hosts::is_local(&host),
        development: hosts::development(&host).is_some(),
        production: hosts::production(&host).is_some(),
    });
    let lead = leads::alone_of(service, name, value);
    let within = lead.as_ref().and_then(|lead| lead.as_ref().ok()).and_then(shapes::of_connection);
    let connection =
        lead.map(|found| ConnectionFact { client: service.dialects.get(name).cloned(), reads: reads(found, key) });
    Known {
        shape: Shape::of(text),
        secret: service.is_secret(name, value),
        is: key.of_component("value", text),
        host,
        within,
        connection,
    }
}

fn reads(found: Result<Destination, String>, key: &FingerprintKey) -> Reads {
    match found {
        Ok(Destination::Here(connection)) => Reads::As(Box::new(seal(&connection, key))),
        Ok(Destination::Sealed(_)) => Reads::Not("its value was not here".to_owned()),
        Err(why) => Reads::Not(why),
    }
}

/// A connection with fingerprints in the place of its texts.
pub(crate) fn seal(connection: &Connection, key: &FingerprintKey) -> Outline<Print> {
    connection.outline().map(|component, text| key.of_component(component, text))
}
