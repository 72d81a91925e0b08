//! How two values relate, by the parts that are asked about.

use sternway_core::project::Component;

use super::read::Reading;
use crate::resolve::Content;
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
            by_parts(&stores::compare(a, b, placement), on)
        }
        (Some(Err(why)), _) | (_, Some(Err(why))) if !whole => Relation::Unknown(why.clone()),
        (Some(_), None) | (None, Some(_)) if !whole => {
            Relation::Unknown("only one of them is a connection that can be read".to_owned())
        }
        (None, None) if on.iter().any(|part| *part != Component::Value) => Relation::Unknown(
            "neither is a connection that can be read: name the client under `connections`".to_owned(),
        ),
        _ => match (&one.value.content, &other.value.content) {
            (Content::Known(a), Content::Known(b)) if a == b => Relation::Same,
            (Content::Known(_), Content::Known(_)) => Relation::Differs(vec!["value"]),
            (Content::Unknown(why), _) | (_, Content::Unknown(why)) => Relation::Unknown(why.clone()),
        },
    }
}

/// What a comparison of connections says of the parts that were asked about; by default where it leads and how encrypted.
pub(crate) fn by_parts(comparison: &Comparison, on: &[Component]) -> Relation {
    const USUAL: [Component; 3] = [Component::Store, Component::Namespace, Component::Tls];
    let on = if on.is_empty() { &USUAL } else { on };
    let asked = |part: &&stores::Component| group(**part).is_some_and(|group| on.contains(&group));
    let mut different: Vec<&'static str> =
        comparison.differences.iter().filter(asked).map(|part| word(*part)).collect();
    different.dedup();
    if !different.is_empty() {
        return Relation::Differs(different);
    }
    let unknown: Vec<&'static str> = comparison.unknown.iter().filter(asked).map(|part| word(*part)).collect();
    if unknown.is_empty() {
        return Relation::Same;
    }
    Relation::Unknown(format!("the {} cannot be told from the text alone", super::words_of(&unknown)))
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

fn word(part: stores::Component) -> &'static str {
    use stores::Component as Part;
    match part {
        Part::Kind => "kind of store",
        Part::Endpoints => "server",
        Part::Order => "order of servers",
        Part::Group => "group of servers",
        Part::Database => "database",
        Part::Schema => "schema",
        Part::Vhost => "virtual host",
        Part::Prefix => "key prefix",
        Part::Path => "path",
        Part::User => "user",
        Part::Password => "password",
        Part::Tls => "encryption",
        Part::Options => "options",
        Part::Tuning => "tuning",
    }
}
