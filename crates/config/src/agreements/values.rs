//! How two values relate, by the parts that are asked about.

use sternway_core::project::Component;

use super::read::Reading;
use crate::destination::Destination;
use crate::stores::{self, Comparison, Placement};

/// How two values relate.
pub(crate) enum Relation {
    /// All parts that were asked about are the same.
    Same,
    /// These are not.
    Differs(Vec<&'static str>),
    /// It cannot be told, and why.
    Unknown(String),
}

/// Compares two values of one environment (`together`) or of two.
pub(super) fn relation(one: &Reading<'_>, other: &Reading<'_>, on: &[Component], together: bool) -> Relation {
    let whole = on.contains(&Component::Value);
    match (&one.connection, &other.connection) {
        (Some(Ok(a)), Some(Ok(b))) if !whole => {
            let placement = if together { Placement::OneHost } else { Placement::Apart };
            between(a, b, placement, on)
        }
        (Some(Err(why)), _) | (_, Some(Err(why))) if !whole => Relation::Unknown(why.clone()),
        (Some(_), None) | (None, Some(_)) if !whole => {
            Relation::Unknown("only one of them is a connection that can be read".to_owned())
        }
        (None, None) if on.iter().any(|part| *part != Component::Value) => Relation::Unknown(
            "neither is a connection that can be read: name the client under `connections`".to_owned(),
        ),
        _ => match one.value.same(other.value) {
            Some(true) => Relation::Same,
            Some(false) => Relation::Differs(vec!["value"]),
            None => Relation::Unknown(one.value.why_unknown(other.value)),
        },
    }
}

/// How two connections relate in the parts that are asked about; by default where they lead and how encrypted.
pub(crate) fn between(one: &Destination, other: &Destination, placement: Placement, on: &[Component]) -> Relation {
    by_parts(&one.compare(other, placement), on, one.why_unknown(other))
}

fn by_parts(comparison: &Comparison, on: &[Component], why: &str) -> Relation {
    const USUAL: [Component; 3] = [Component::Store, Component::Namespace, Component::Tls];
    let on = if on.is_empty() { &USUAL } else { on };
    let asked = |part: &&stores::Component| group(**part).is_some_and(|group| on.contains(&group));
    let mut different: Vec<&'static str> =
        comparison.differences.iter().filter(asked).map(|part| part.word()).collect();
    different.dedup();
    if !different.is_empty() {
        return Relation::Differs(different);
    }
    let unknown: Vec<&'static str> = comparison.unknown.iter().filter(asked).map(|part| part.word()).collect();
    if unknown.is_empty() {
        return Relation::Same;
    }
    Relation::Unknown(format!("the {} cannot be told{why}", super::words_of(&unknown)))
}

fn group(part: stores::Component) -> Option<Component> {
    use stores::Component as Part;
    Some(match part {
        Part::Kind | Part::Endpoints | Part::Order | Part::Group => Component::Store,
        Part::Database | Part::Schema | Part::Vhost | Part::Prefix | Part::Path => Component::Namespace,
        Part::User | Part::Password => Component::Credential,
        Part::Tls => Component::Tls,
        Part::Options | Part::Tuning => return None,
    })
}
